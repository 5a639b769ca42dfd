import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres, startRedis } from '@fogbow/embedded-servers';
import type { PostgresServer } from '@fogbow/embedded-servers';
import { stringify } from 'yaml';
import { createApiClient } from '../api-client.js';
import type { ApiClient } from '../api-client.js';
import { createProcessControl } from '../crash-safety/process-control.js';
import type { ProcessControl } from '../crash-safety/process-control.js';
import { queryRows } from '../crash-safety/sites.js';
import type { FederationProcess } from '../federation-file.js';
import type { Endings } from '../run-story.js';
import { cloneRoot } from '../start-federation.js';
import { makeSmallDisk } from './small-disk.js';
import type { SmallDisk } from './small-disk.js';

/** A member that stands alone: a process with the API and one that works, whose servers have small disks. */
export interface Estate {
  readonly api: ApiClient;
  readonly postgresDisk: SmallDisk;
  readonly redisDisk: SmallDisk;
  readonly control: ProcessControl;
  /** What `/health/ready` of a process says: status and reasons. */
  readyOf(name: 'api' | 'worker'): Promise<{ readonly status: number; readonly reasons: string }>;
  /** How often PostgreSQL had to be started again. */
  restarts(): number;
}

const QUICK = { placement: { retryAfter: '1s' }, periods: { scheduler: '1s', release: '1s', monitor: '1s' }, worker: { deadAfter: '5s' } };
const TOKEN = 'user-token';

export async function openEstate(portBase: number, endings: Endings): Promise<Estate> {
  const folder = mkdtempSync(join(tmpdir(), 'fdf-'));
  chmodSync(folder, 0o711);
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const disk = (name: string, megabytes: number): SmallDisk => {
    const made = makeSmallDisk(join(folder, name), megabytes);
    endings.push(() => made.remove());
    return made;
  };
  const [postgresDisk, redisDisk] = [disk('postgres', 120), disk('redis', 12)];
  const postgres = await keepPostgres(join(postgresDisk.folder, 'home'), join(folder, 'postgres.log'), portBase, endings);
  await queryRows(postgres.url('postgres'), 'create database fogbow');
  const redis = await startRedis({ directory: join(redisDisk.folder, 'home'), port: portBase + 1, durable: true, install: true, logFile: join(folder, 'redis.log'), log: () => undefined });
  endings.push(() => redis.stop());
  writeFileSync(join(folder, 'key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  writeFileSync(join(folder, 'users.yaml'), stringify({ users: [{ id: 'user', name: 'user', tokenSha256: createHash('sha256').update(TOKEN).digest('hex') }] }));
  const common = {
    member: { id: 'manager.full.test' }, keyFile: join(folder, 'key'), database: { url: postgres.url('fogbow') }, redis: { url: redis.url },
    cloud: { plugin: 'cloud-fake', settings: { url: `http://127.0.0.1:${portBase + 4}` }, credentials: { username: 'u', password: 'p' } },
    identity: { plugin: 'identity-static', settings: { usersFile: join(folder, 'users.yaml') } }, flavors: { small: { vcpu: 1, ramMb: 512, diskGb: 5 } }, ...QUICK,
  };
  mkdirSync(join(folder, 'logs'));
  const program = (path: string): string => join(cloneRoot(), 'dist', path, 'main.js');
  const manager = (name: 'api' | 'worker', more: object): FederationProcess => {
    writeFileSync(join(folder, `${name}.yaml`), stringify({ ...common, process: { name, roles: [name] }, ...more }), { mode: 0o600 });
    return { name, pid: 0, logFile: join(folder, 'logs', name), command: process.execPath, args: [program('apps/manager'), '--config', join(folder, `${name}.yaml`)], healthUrl: `${urls[name]}/health/ready` };
  };
  const urls = { api: `http://127.0.0.1:${portBase + 2}`, worker: `http://127.0.0.1:${portBase + 3}` };
  const cloud: FederationProcess = {
    name: 'cloud', pid: 0, logFile: join(folder, 'logs', 'cloud'), command: process.execPath, healthUrl: `http://127.0.0.1:${portBase + 4}/health`,
    args: [program('libs/plugins/cloud-fake'), '--port', String(portBase + 4), '--host', '127.0.0.1', '--state', join(folder, 'cloud.state'), '--knobs', '{}'],
  };
  const control = createProcessControl({ processes: [cloud, manager('api', { http: { port: portBase + 2 } }), manager('worker', { health: { port: portBase + 3 } })], environment: () => ({}), probes: {} });
  endings.push(() => control.kill('api', 'worker', 'cloud'));
  for (const name of ['cloud', 'api', 'worker']) await control.start(name);
  return {
    api: createApiClient({ managerUrl: urls.api, users: [] }, TOKEN), postgresDisk, redisDisk, control, restarts: postgres.restarts,
    async readyOf(name) {
      const answer = await fetch(`${urls[name]}/health/ready`, { signal: AbortSignal.timeout(15_000) });
      return { status: answer.status, reasons: JSON.stringify((await answer.json() as { reasons: unknown }).reasons) };
    },
  };
}

/** PostgreSQL ends itself when it cannot write its log ahead; whoever watches over it starts it again, as engines and systemd do. */
async function keepPostgres(directory: string, logFile: string, port: number, endings: Endings): Promise<{ url(database: string): string; restarts(): number }> {
  const state: { server?: PostgresServer; over: boolean; restarts: number } = { over: false, restarts: 0 };
  const start = async (): Promise<PostgresServer> => {
    const server = await startPostgres({ directory, port, durable: true, logFile, log: () => undefined });
    state.server = server;
    // The story may have ended while it started.
    if (state.over) await server.stop();
    else void server.ended.then(again);
    return server;
  };
  const again = async (): Promise<void> => {
    while (!state.over) {
      state.restarts += 1;
      if (await start().then(() => true, () => false)) return;
      await pause(500);
    }
  };
  endings.push(async () => {
    state.over = true;
    await state.server?.stop();
  });
  const { url } = await start();
  return { url, restarts: () => state.restarts };
}
