import { FogbowError } from '@fogbow/plugin-contracts';
import type { InstanceState, PluginLog } from '@fogbow/plugin-contracts';
import { assessMachine } from './assess-machine.js';
import { END, INVENTORY, LAUNCH, PLACE, REMOVE } from './host-scripts.js';
import type { HostShell } from './host-shell.js';
import type { HostSpec } from './hosts-settings.js';
import type { BaseImage } from './image-source.js';
import type { MachineMonitor } from './machine-monitor.js';
import { parseId } from './machine-record.js';
import type { MachineRecord } from './machine-record.js';
import { placesOf, qemuCommand } from './qemu-command.js';
import type { Accelerator, AttachedDisk } from './qemu-command.js';
import { readInventory } from './read-inventory.js';
import type { MachineFacts } from './read-inventory.js';

/** One machine as it is now. */
export interface Machine {
  readonly record: MachineRecord;
  readonly state: InstanceState;
  readonly fault?: string;
}

export interface NewMachine {
  readonly record: MachineRecord;
  readonly base: BaseImage;
  /** Multipart text, as cloud-init reads it. */
  readonly userData: string;
}

/** The machines of one host. Every call is cloud-unavailable where the host does not answer in time. */
export interface HostMachines {
  /** All, or that of one client token. What is due is started on the way. */
  look(signal: AbortSignal, clientToken?: string): Promise<Machine[]>;
  /** The machine of an id, when it is there. */
  get(id: string, signal: AbortSignal): Promise<Machine | undefined>;
  /** Makes and starts one. `full`: the host has no room for it. */
  make(machine: NewMachine, signal: AbortSignal): Promise<'made' | 'there' | 'full'>;
  /** Starts one that was stopped or has shut itself down. Throws not-found. */
  boot(id: string, signal: AbortSignal): Promise<void>;
  /** Idempotent; when it resolves no process and no file is left. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

export interface HostMachinesOptions {
  readonly spec: HostSpec;
  readonly shell: HostShell;
  readonly monitor: MachineMonitor;
  /** How long the system of a machine has to shut down before its process is ended. */
  readonly stopTimeoutMs: number;
  /** Throws cloud-unavailable while the host is not fit; machines in a folder that is not ours are none of ours. */
  accel(signal: AbortSignal): Promise<Accelerator>;
  /** Volumes with which a machine starts. */
  disksOf(id: string): readonly AttachedDisk[];
  readonly log: PluginLog;
}

export function createHostMachines(options: HostMachinesOptions): HostMachines {
  const { spec: { name, capacity }, shell } = options;
  const inventory = async (signal: AbortSignal, clientToken?: string): Promise<MachineFacts[]> => {
    await options.accel(signal);
    return readInventory(await shell.tell(INVENTORY, clientToken === undefined ? [] : [clientToken], signal));
  };
  const look = async (signal: AbortSignal, clientToken?: string): Promise<Machine[]> => {
    const settled = await Promise.all((await inventory(signal, clientToken)).map((facts) => settle(facts, signal)));
    return settled.flatMap((machine) => machine ?? []);
  };

  const settle = async (facts: MachineFacts, signal: AbortSignal): Promise<Machine | undefined> => {
    const { record, runs, offForMs } = facts;
    if (runs && (offForMs ?? 0) > options.stopTimeoutMs) await shell.tell(END, [record.clientToken, record.id], signal);
    const standing = assessMachine(facts, runs && offForMs === undefined ? await options.monitor.status(record.id, signal) : undefined);
    if (standing.kind === 'machine') return { record, ...standing };
    await launch(options, record, 'auto', signal);
    const now = (await inventory(signal, record.clientToken)).find((one) => one.record.id === record.id);
    const after = now && assessMachine(now, undefined);
    return now && { record, ...(after?.kind === 'machine' ? after : { state: 'inactive' as const }) };
  };

  const get = async (id: string, signal: AbortSignal): Promise<Machine | undefined> => {
    const parsed = parseId(id);
    return parsed?.host === name ? (await look(signal, parsed.clientToken)).find(({ record }) => record.id === id) : undefined;
  };

  return {
    look, get,
    async make(machine, signal) {
      const outcome = await shell.outcome(PLACE, placeArguments(machine, capacity), signal, machine.userData);
      if (outcome === 'made') await launch(options, machine.record, 'auto', signal);
      return outcome === 'made' || outcome === 'there' ? outcome : 'full';
    },
    async boot(id, signal) {
      const machine = await get(id, signal);
      const outcome = machine && await launch(options, machine.record, 'user', signal);
      if (!machine || outcome === 'gone') throw new FogbowError('not-found', `This cloud has no machine ${id}.`);
    },
    async remove(id, signal) {
      const parsed = parseId(id);
      if (parsed) await shell.tell(REMOVE, [parsed.clientToken, id], signal);
    },
  };
}

async function launch({ spec, shell, accel, disksOf, log }: HostMachinesOptions, record: MachineRecord, manner: 'auto' | 'user', signal: AbortSignal): Promise<string> {
  const places = placesOf(spec.directory, record.id);
  const command = qemuCommand({ ...record, accel: await accel(signal), disks: disksOf(record.id) }, places);
  const outcome = await shell.outcome(LAUNCH, [record.clientToken, record.id, manner, places.qmp, ...command], signal);
  if (outcome === 'started') log.info('a machine was started', { machine: record.id });
  if (outcome === 'failed') log.warn('a machine could not be started', { machine: record.id });
  return outcome;
}

function placeArguments({ record, base }: NewMachine, { machines, vcpu, ramMb, diskGb }: HostSpec['capacity']): string[] {
  const { id, clientToken, size } = record;
  const metaData = { 'instance-id': id, 'local-hostname': clientToken };
  return [
    clientToken, id, ...[Math.ceil(size.vcpu), size.ramMb, size.diskGb, machines, vcpu, ramMb, diskGb].map(String),
    base.path, base.format, JSON.stringify(record), JSON.stringify(metaData),
  ];
}
