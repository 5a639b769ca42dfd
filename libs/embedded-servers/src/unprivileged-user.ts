import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SetupError } from './setup-error.js';

/** A system user by numbers; PostgreSQL refuses to run as root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['fogbow-postgres', 'postgres'];

/** The user to run PostgreSQL as: undefined (ourselves) unless we are root; then one that is there, else one made now. */
export function unprivilegedUser(log: (line: string) => void): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return findUser(CANDIDATES) ?? createUser(log);
}

/** The first of these users that this system knows. */
export function findUser(names: readonly string[]): SystemUser | undefined {
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const row = names.map((name) => rows.find((candidate) => candidate[0] === name)).find(Boolean);
  return row && { name: row[0] as string, uid: Number(row[2]), gid: Number(row[3]) };
}

function createUser(log: (line: string) => void): SystemUser {
  log('PostgreSQL refuses to run as root: creating the system user fogbow-postgres for it');
  const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--user-group', 'fogbow-postgres']);
  const user = made.status === 0 ? findUser(CANDIDATES) : undefined;
  if (user) return user;
  throw new SetupError('PostgreSQL refuses to run as root and the user fogbow-postgres could not be created: start as an ordinary user, or create that user.');
}

/** Whether this user can enter a folder or run a program (`x`), and also list or read it (`rx`); asked of the kernel as that user. */
export function canReach(user: SystemUser, path: string, access: 'x' | 'rx'): boolean {
  const script = access === 'x' ? 'test -x "$1"' : 'test -r "$1" && test -x "$1"';
  const asked = spawnSync('/bin/sh', ['-c', script, 'sh', path], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' });
  return asked.status === 0;
}
