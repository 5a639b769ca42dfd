import { FogbowError } from '@fogbow/plugin-contracts';
import type { Host } from './fleet.js';
import { createHostMachines } from './host-machines.js';
import type { HostRunner } from './host-runner.js';
import { HELLO } from './host-scripts.js';
import { createHostShell } from './host-shell.js';
import type { HostsOptions } from './hosts-options.js';
import { parseSsh } from './hosts-settings.js';
import type { HostSpec } from './hosts-settings.js';
import { createLocalRunner } from './local-runner.js';
import { createMachineMonitor } from './machine-monitor.js';
import type { Accelerator, AttachedDisk } from './qemu-command.js';
import { requireFitHost } from './examine-hosts.js';
import { createSshRunner } from './ssh-runner.js';
import { diskOf } from './volume-disks.js';

/** What the first word with a host brings: asked once, and again when it failed. */
interface Greeting { readonly accel: Accelerator }

export function openHost(spec: HostSpec, options: HostsOptions): Host {
  const runner = runnerOf(spec, options);
  const shell = createHostShell({ spec, runner, callTimeoutMs: options.callTimeoutMs });
  const monitor = createMachineMonitor({ spec, runner, log: options.log });
  let greeting: Promise<Greeting> | undefined;
  const greet = (signal: AbortSignal): Promise<Greeting> => {
    const asked = greeting ??= sayHello();
    asked.catch(() => { if (greeting === asked) greeting = undefined; });
    return withSignal(asked, signal);
  };
  const sayHello = async (): Promise<Greeting> => {
    const [accel = '', owner = '', lack = ''] = (await shell.outcome(HELLO, [options.claims.cloudId()], new AbortController().signal)).split('\t');
    requireFitHost(spec, options, { lack, isOurs: owner === options.claims.cloudId() });
    options.log.info('a host answers', { host: spec.name, accel });
    return { accel: accel === 'kvm' ? 'kvm' : 'tcg' };
  };
  const machines = createHostMachines({
    spec, shell, monitor, stopTimeoutMs: options.stopTimeoutMs, log: options.log,
    accel: async (signal) => (await greet(signal)).accel,
    disksOf: (id) => disksOf(options, spec, id),
  });
  return { spec, runner, shell, monitor, machines, requireFit: async (signal) => void await greet(signal) };
}

/** The volumes that a machine has when it starts. */
function disksOf({ books }: HostsOptions, { directory }: HostSpec, id: string): AttachedDisk[] {
  return books.attachments.all().filter(({ instanceId }) => instanceId === id).flatMap((attachment) => {
    const volume = books.volumes.get(attachment.volumeId);
    return volume ? [diskOf(directory, volume, attachment)] : [];
  });
}

/** One greeting serves many calls, so it has no call's signal; a call that may not wait leaves it alone. */
function withSignal<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new FogbowError('cloud-unavailable', 'There was no time left for the host.', { cause: signal.reason }));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function runnerOf({ name, at, keyFile = '', hostKey = '' }: HostSpec, { connectTimeoutMs, restMs, now }: HostsOptions): HostRunner {
  const address = parseSsh(at);
  return address ? createSshRunner(name, { ...address, keyFile, hostKey, connectTimeoutMs, restMs }, now) : createLocalRunner(name);
}
