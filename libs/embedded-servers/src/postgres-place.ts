import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { copyBinaries, locateBinaries } from './postgres-binaries.js';
import { canReach, unprivilegedUser } from './unprivileged-user.js';
import type { SystemUser } from './unprivileged-user.js';

/** Where a server's programs and files are, and who runs it. */
export interface PostgresPlace {
  readonly binaries: string;
  /** Holds `data` and `password`. */
  readonly folder: string;
  readonly user: SystemUser | undefined;
  /** What `folder` holds belongs to a directory that was removed by hand: it must not come back to life. */
  readonly isAbandoned: boolean;
}

const SHELF = '/var/lib/fogbow';
const NOTE = 'DATA-IS-ELSEWHERE.txt';

/**
 * Decides where the server lives. Normally that is `directory` and the binaries in node_modules; started by root from a
 * folder that PostgreSQL's own user cannot enter (a clone in /root, a mktemp -d), both live under /var/lib/fogbow.
 */
export function postgresPlace(directory: string, log: (line: string) => void): PostgresPlace {
  mkdirSync(directory, { recursive: true });
  const user = unprivilegedUser(log);
  const found = locateBinaries();
  if (!user) return { binaries: found.root, folder: directory, user, isAbandoned: false };
  const binaries = canReach(user, found.root, 'rx') && canReach(user, join(found.root, 'bin', 'postgres'), 'rx') ? found : copyBinaries(found, SHELF);
  const isAbandoned = !existsSync(join(directory, NOTE)) && existsSync(elsewhere(directory));
  const folder = reachableFolder(directory, user, log);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, user.uid, user.gid);
  return { binaries: binaries.root, folder, user, isAbandoned: isAbandoned && folder !== directory };
}

function reachableFolder(directory: string, user: SystemUser, log: (line: string) => void): string {
  const note = join(directory, NOTE);
  if (!existsSync(note) && canReach(user, dirname(directory), 'x')) return directory;
  const folder = elsewhere(directory);
  if (!existsSync(folder)) log(`The user ${user.name} cannot enter ${directory}: PostgreSQL keeps its data in ${folder}`);
  mkdirSync(SHELF, { recursive: true, mode: 0o755 });
  chmodSync(SHELF, 0o755);
  writeFileSync(note, `PostgreSQL does not run as root, and the user ${user.name} cannot enter this folder.\nIts data is in:\n${folder}\n`);
  return folder;
}

const elsewhere = (directory: string): string => join(SHELF, createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 16));

/** The folder that a server of an earlier start uses. */
export function existingPlace(directory: string): string {
  return existsSync(join(directory, NOTE)) ? elsewhere(directory) : directory;
}

/** Removes the data of a stopped server, wherever it lives. */
export function wipePostgres(directory: string): void {
  rmSync(existingPlace(directory), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}
