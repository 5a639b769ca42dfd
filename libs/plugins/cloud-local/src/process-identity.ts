import { readFileSync } from 'node:fs';

/** One process, told apart from every later one with its number, also after a restart of the host. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since the boot, field 22 of /proc/<pid>/stat. */
  readonly startTicks: string;
  readonly bootId: string;
}

export interface ProcessStat {
  readonly state: string;
  readonly parent: number;
  readonly startTicks: string;
}

/** The fields we use of /proc/<pid>/stat. The name of the program may hold spaces and parentheses: count from the last one. */
export function parseStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  return state && parent && startTicks ? { state, parent: Number(parent), startTicks } : undefined;
}

export function statOf(pid: number): ProcessStat | undefined {
  const text = readProc(`${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Changes with every boot of the host. */
export function bootIdOfHost(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The identity of a process that runs now; undefined when none has the number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootIdOfHost() };
}

/** Whether that very process runs. A zombie does not: nobody may ever come to collect it. */
export function isAlive({ pid, startTicks, bootId }: ProcessIdentity): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.startTicks === startTicks && !'ZX'.includes(stat.state) && bootId === bootIdOfHost();
}

/** Whether that very process is halted by a signal. */
export function isHalted({ pid }: ProcessIdentity): boolean {
  return statOf(pid)?.state === 'T';
}

export function isSameProcess(left: ProcessIdentity, right: ProcessIdentity): boolean {
  return left.pid === right.pid && left.startTicks === right.startTicks && left.bootId === right.bootId;
}

/** A file below /proc; undefined when the process has ended or is not ours to read. */
export function readProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}`, 'latin1');
  } catch {
    return undefined;
  }
}
