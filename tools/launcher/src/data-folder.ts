import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, wipePostgres } from '@fogbow/embedded-servers';

/** Marks a folder as ours: nothing else is ever wiped. */
const MARKER = '.fogbow-data';
const FOLDERS = ['config', 'logs', 'secrets', 'members'];
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

export const logFile = (data: string, name: string): string => join(data, 'logs', `${name}.log`);

/** Makes the folder and its parts; a folder that cannot be used is told in one sentence. */
export function prepareDataFolder(data: string): void {
  refuseStrangers(data);
  try {
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, MARKER), 'Made by npm start; --fresh wipes this folder.\n');
    for (const name of FOLDERS) mkdirSync(join(data, name), { recursive: true, mode: 0o700 });
    rotateLogs(join(data, 'logs'));
  } catch (error) {
    throw new SetupError(`The folder ${data} is not writable (${(error as NodeJS.ErrnoException).code}): choose another with --data DIR.`);
  }
}

function refuseStrangers(data: string): void {
  if (isOurs(data) || !existsSync(data)) return;
  if (!statSync(data).isDirectory()) throw new SetupError(`${data} is not a folder: choose another with --data DIR.`);
  if (readdirSync(data).length > 0) throw new SetupError(`The folder ${data} holds other things and was not made by npm start: choose another with --data DIR.`);
}

export const isOurs = (data: string): boolean => existsSync(join(data, MARKER));

/** Removes everything, only from a folder that we made; everything in it must have been stopped. */
export function wipeDataFolder(data: string): void {
  refuseStrangers(data);
  if (!isOurs(data)) return;
  wipePostgres(join(data, 'postgres'));
  // The marker goes last, so that a wipe that was cut short can be repeated.
  for (const name of readdirSync(data).filter((entry) => entry !== MARKER)) rmSync(join(data, name), { recursive: true, force: true });
  rmSync(join(data, MARKER));
}

function rotateLogs(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.log'))) {
    const path = join(folder, name);
    if (statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  }
}
