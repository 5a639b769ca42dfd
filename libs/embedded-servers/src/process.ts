import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether a process of this number runs; one that has ended but was not yet collected by its parent does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return processState(pid) !== 'Z';
}

/** The letter of /proc/PID/stat; undefined where there is no /proc. */
function processState(pid: number): string | undefined {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Program and arguments of a process in one text; empty when it has ended. It tells whether a number from an old file still means the same process. */
export function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  } catch {
    return '';
  }
}

/** Waits until `condition` holds, looking every `everyMs`; false when `timeoutMs` passed first. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number, everyMs = 15): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await pause(everyMs);
  }
  return true;
}

export function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  return until(() => !isAlive(pid), timeoutMs);
}

/** Numbers of the processes whose command line holds every one of these texts; never our own. */
export function processesNaming(...texts: string[]): number[] {
  return allPids().filter((pid) => {
    if (pid === process.pid) return false;
    const line = commandLine(pid);
    return texts.every((text) => line.includes(text));
  });
}

function allPids(): number[] {
  if (existsSync('/proc/self')) return readdirSync('/proc').map(Number).filter((pid) => pid > 0);
  return spawnSync('ps', ['-ax', '-o', 'pid='], { encoding: 'utf8' }).stdout.split('\n').map(Number).filter((pid) => pid > 0);
}

export interface StopManner {
  readonly signal?: NodeJS.Signals;
  /** How long to wait before SIGKILL. */
  readonly graceMs?: number;
  /** Ends the grace early. */
  readonly hurry?: AbortSignal | undefined;
}

/** Asks with a signal (SIGTERM), insists with SIGKILL after the grace. Resolves when the process is gone; fine when it was gone before. */
export async function stopProcess(pid: number, { signal = 'SIGTERM', graceMs = 12_000, hurry }: StopManner = {}): Promise<void> {
  if (!send(pid, signal)) return;
  await until(() => !isAlive(pid) || hurry?.aborted === true, graceMs);
  if (!isAlive(pid)) return;
  send(pid, 'SIGKILL');
  await waitForEnd(pid, 5000);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
