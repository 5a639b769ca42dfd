import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, isAlive, SetupError } from '@fogbow/embedded-servers';

const pathOf = (data: string): string => join(data, 'launcher.pid');

/** How a launcher looks in the process list, started by npm or directly. */
const isLauncher = (pid: number): boolean => /launcher|tools\/start\.mjs/.test(commandLine(pid));

/** The launcher at work on this folder; undefined also when its file is a leftover of one that was killed. */
export function runningLauncher(data: string): number | undefined {
  const pid = readPid(pathOf(data));
  return pid !== undefined && isAlive(pid) && isLauncher(pid) ? pid : undefined;
}

/** Makes this process the only launcher of the folder. The file is created exclusively, so of two at the same moment one fails. */
export function takeLauncherLock(data: string): void {
  const running = runningLauncher(data);
  if (running !== undefined && running !== process.pid) throw new SetupError(`A federation already runs from ${data} (process ${running}): end it with npm stop, or start another with --data DIR --port-base N.`);
  rmSync(pathOf(data), { force: true });
  try {
    writeFileSync(pathOf(data), String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch {
    throw new SetupError(`Another launcher took ${data} at the same moment: try again.`);
  }
}

export function releaseLauncherLock(data: string): void {
  if (readPid(pathOf(data)) === process.pid) rmSync(pathOf(data), { force: true });
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
