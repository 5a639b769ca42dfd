import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readProc, statOf } from './process-identity.js';

/** The variable that every process of a machine inherits, whatever became of its session and its parents. */
export const MACHINE_VARIABLE = 'FOGBOW_MACHINE';

/** A machine is killed over and over until nothing of it is left, at most this long. */
const KILL_ROUNDS = 250;
const KILL_PAUSE_MS = 20;

/** Processes that carry the machine's mark, and their descendants, which may have cleared their environment. */
export function processesOf(machineId: string): number[] {
  const mark = `${MACHINE_VARIABLE}=${machineId}`;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const found = new Set(pids.filter((pid) => readProc(`${pid}/environ`)?.split('\0').includes(mark)));
  return found.size === 0 ? [] : withDescendants(found, pids).filter((pid) => !'ZX'.includes(statOf(pid)?.state ?? 'X'));
}

function withDescendants(found: Set<number>, pids: readonly number[]): number[] {
  const parents = pids.map((pid) => ({ pid, parent: statOf(pid)?.parent ?? 0 }));
  for (let grew = true; grew;) {
    const children = parents.filter(({ pid, parent }) => !found.has(pid) && found.has(parent));
    for (const { pid } of children) found.add(pid);
    grew = children.length > 0;
  }
  return [...found];
}

/** Sends the signal; a process that has ended meanwhile is no fault. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills all of a machine but `spare`, also what is started meanwhile. False when something is left after five seconds. */
export async function killMachine(machineId: string, spare?: number): Promise<boolean> {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const left = processesOf(machineId).filter((pid) => pid !== spare);
    if (left.length === 0) return true;
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    await delay(KILL_PAUSE_MS);
  }
  return false;
}
