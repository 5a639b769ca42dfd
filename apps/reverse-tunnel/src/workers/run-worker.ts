import type { Socket } from 'node:net';
import { systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { readSettings } from '../read-settings.js';
import { loadHostKey, loadRsaKey } from '../sessions/host-key.js';
import { DESK_CALLS, WORKER_CALLS, WORKER_VARIABLE } from './child-worker.js';
import type { ControlDesk } from './contract.js';
import { createMessageCalls, remote } from './message-calls.js';
import { openWorker } from './open-worker.js';

/** A worker process: it has sessions and nothing else, and ends with its control. */
export async function runWorker(context: ServiceContext): Promise<void> {
  const config = readSettings(context.values);
  const log = context.log.child({ worker: Number(context.env[WORKER_VARIABLE]) });
  const calls = createMessageCalls({
    send: (message) => void (process.connected && process.send?.(message, undefined, {}, () => undefined)),
    onMessage: (listener) => void process.on('message', (message, handle) => listener(message, handle as Socket | undefined)),
  }, Object.fromEntries(WORKER_CALLS.map((call) => [call, async (...args: never[]) => await (open.worker[call] as (...all: never[]) => Promise<unknown>)(...args)])));
  const open = openWorker(remote<ControlDesk>(calls, DESK_CALLS), config, { hostKeys: [loadHostKey(config.ssh.hostKeyFile).privateKey, loadRsaKey(config.ssh.hostKeyFile)], clock: systemClock, log });
  // Meant for the control, which does what it says; a worker must not die of it.
  process.on('SIGUSR2', () => undefined);
  process.once('disconnect', () => process.exit(0));
  context.add({ name: 'sessions', stop: () => open.stop() });
  process.send?.({ ready: true });
}
