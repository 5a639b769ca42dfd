import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { allProcesses, procFile } from './processes.js';

/** A machine of cloud-local as its files tell it. */
export interface MachineOnDisk {
  /** The instance's id inside its cloud. */
  readonly id: string;
  readonly clientToken: string;
  readonly size: { readonly vcpu: number; readonly ramMb: number; readonly diskGb: number };
  /** The process that is the machine. */
  readonly pid: number;
  readonly home: string;
}

export function machinesIn(cloudDirectory: string): MachineOnDisk[] {
  const folder = join(cloudDirectory, 'machines');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
  return names.map((name) => {
    const record = readJson<Omit<MachineOnDisk, 'pid' | 'home'>>(join(folder, name, 'machine.json'));
    return { ...record, pid: readJson<{ pid: number }>(join(folder, name, 'process.json')).pid, home: join(folder, name, 'home') };
  });
}

export function machineOf(cloudDirectory: string, instanceId: string): MachineOnDisk {
  const id = instanceId.split('@')[0];
  const found = machinesIn(cloudDirectory).find((machine) => machine.id === id);
  if (!found) throw new Error(`The cloud ${cloudDirectory} has no machine ${id}.`);
  return found;
}

const readJson = <Value>(file: string): Value => JSON.parse(readFileSync(file, 'utf8')) as Value;

/** Living processes whose environment or command line holds the text; a machine's carry FOGBOW_MACHINE=<its id>. */
export function processesWith(text: string): number[] {
  return allProcesses().filter((pid) => pid !== process.pid)
    .filter((pid) => isRunning(pid) && (procFile(pid, 'environ').includes(text) || procFile(pid, 'cmdline').includes(text)));
}

export const processesOfMachine = (machineId: string): number[] => processesWith(`FOGBOW_MACHINE=${machineId}`);

/** A zombie has ended: it only waits to be collected. */
export function isRunning(pid: number): boolean {
  const stat = procFile(pid, 'stat');
  return stat !== '' && !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'X');
}

/** Whether anybody listens there. */
export function isPortOpen({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const answer = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
