import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SetupError, stopProcess, until } from '@fogbow/embedded-servers';
import { logFile } from './data-folder.js';
import { readFederation } from './federation-file.js';
import type { LauncherOptions } from './options.js';
import { runningLauncher } from './launcher-lock.js';
import { prepareStart } from './start-federation.js';

const START_TIMEOUT_MS = 180_000;

/** Starts a launcher in the background, shows its words until everything is healthy, and leaves it running. */
export async function startDetached(options: LauncherOptions, argv: readonly string[], program: string, root: string, say: (line: string) => void): Promise<void> {
  await prepareStart(options, root, say);
  if (runningLauncher(options.data) !== undefined) throw new SetupError(`A federation already runs from ${options.data}: end it with npm stop, or start another with --data DIR --port-base N.`);
  const path = logFile(options.data, 'launcher');
  const log = openSync(path, 'a+', 0o600);
  const args = argv.filter((argument) => argument !== '--detach' && argument !== '--fresh');
  const child = spawn(process.execPath, [program, ...args], { detached: true, stdio: ['ignore', log, log] });
  const echo = echoFrom(log);
  const giveUp = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', giveUp).on('SIGTERM', giveUp);
  const outcome = await waitForHealth(child, options.data, echo);
  process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
  echo();
  closeSync(log);
  if (outcome === 'late' && child.pid !== undefined) await stopProcess(child.pid);
  if (outcome !== 'healthy') throw new SetupError(`The federation did not start; its words are above and in ${path}.`);
  child.unref();
  say(`It runs in the background; npm stop ends it. Its words: ${path}`);
}

async function waitForHealth(child: ChildProcess, data: string, echo: () => void): Promise<'healthy' | 'ended' | 'late'> {
  let ended = false;
  child.once('exit', () => { ended = true; }).once('error', () => { ended = true; });
  const healthy = (): boolean => {
    const file = readFederation(data);
    return file?.running === true && file.launcherPid === child.pid;
  };
  const inTime = await until(() => { echo(); return ended || healthy(); }, START_TIMEOUT_MS);
  if (!inTime) return 'late';
  return ended ? 'ended' : 'healthy';
}

/** Passes on what was appended since the last call. */
function echoFrom(log: number): () => void {
  const buffer = Buffer.alloc(64 * 1024);
  let position = fstatSync(log).size;
  return () => {
    for (let count = readSync(log, buffer, 0, buffer.length, position); count > 0; count = readSync(log, buffer, 0, buffer.length, position)) {
      process.stdout.write(buffer.subarray(0, count).toString());
      position += count;
    }
  };
}
