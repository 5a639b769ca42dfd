import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processesNaming, stopLeftoverPostgres, stopLeftoverProsody, stopLeftoverRedis, stopProcess } from '@fogbow/embedded-servers';
import { programPath, prosodyFolder } from './configure-services.js';

type Say = (line: string) => void;

/** Ends services, Redis and PostgreSQL that a killed launcher left running from this folder. Machines live on, as after any crash. */
export async function stopLeftovers(data: string, root: string, say: Say): Promise<void> {
  const pids = serviceFolders(root).flatMap((folder) => processesNaming(folder, `${data}/`));
  if (pids.length > 0) say(`Stopping ${pids.length} process(es) of an earlier start that was killed`);
  await Promise.all(pids.map((pid) => stopProcess(pid)));
  if (existsSync(prosodyFolder(data))) await stopLeftoverProsody(prosodyFolder(data), say);
  if (existsSync(join(data, 'redis'))) await stopLeftoverRedis(join(data, 'redis'), say);
  if (existsSync(join(data, 'postgres'))) await stopLeftoverPostgres(join(data, 'postgres'), say);
}

/** Not the machines of cloud-local: their programs lie elsewhere. */
const serviceFolders = (root: string): string[] => ['apps', 'libs/plugins/cloud-fake'].map((folder) => `${join(root, 'dist', folder)}/`);

/** Stops the machines of every embedded cloud of this folder; the clouds start them again at the next start. */
export async function stopMachines(data: string, root: string, say: Say): Promise<void> {
  const program = programPath(root, 'libs/plugins/cloud-local');
  if (!existsSync(program)) return;
  await Promise.all(localClouds(data).map(async (directory) => {
    if (!(await runToEnd(program, ['stop-host', directory]))) say(`Machines of ${directory} may still run`);
  }));
}

function localClouds(data: string): string[] {
  const members = join(data, 'members');
  const letters = existsSync(members) ? readdirSync(members) : [];
  return letters.map((letter) => join(members, letter, 'cloud')).filter((folder) => existsSync(join(folder, 'machines')));
}

const STOP_HOST_TIMEOUT_MS = 30_000;

function runToEnd(program: string, args: readonly string[]): Promise<boolean> {
  // A group of its own: a second Ctrl-C must not cut it short, or machines would be left.
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore', detached: true, timeout: STOP_HOST_TIMEOUT_MS });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
