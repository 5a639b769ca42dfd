import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import type { AxiosInstance } from 'axios';
import pg from 'pg';
import { stringify } from 'yaml';
import { COMMON_SETTINGS, createLogger, loadConfig, silentLogger } from '@fogbow/service-runtime';
import type { Logger, LogLevel, Part } from '@fogbow/service-runtime';
import { composeManager } from '../compose.js';
import type { Substitutes } from '../compose-parts.js';
import { configurationFaults } from '../check-configuration.js';
import { SETTINGS } from '../settings.js';

/** A whole Manager in the test's process, over the real PostgreSQL and Redis of the run and a fake cloud. */
export interface TestManager {
  readonly url: string;
  readonly control: AxiosInstance;
  /** Answers of any status are returned, not thrown. */
  client(user?: 'alice' | 'mallory'): AxiosInstance;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

const LEVEL = process.env['TEST_LOG'] as LogLevel | undefined;

export async function createDatabase(): Promise<string> {
  const admin = new URL(String(process.env['TEST_POSTGRES_URL']));
  const name = `t_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  admin.pathname = `/${name}`;
  return admin.href;
}

export async function startManager(overrides: Record<string, unknown> = {}, cloud: Record<string, unknown> = {}, { log = LEVEL ? createLogger('manager', LEVEL) : silentLogger, ...substitutes }: Substitutes & { log?: Logger } = {}): Promise<TestManager> {
  const directory = mkdtempSync(join(tmpdir(), 'fm-'));
  const [port, controlPort] = [await freePort(), await freePort()];
  const databaseUrl = await createDatabase();
  const file = join(directory, 'manager.yaml');
  writeFileSync(join(directory, 'key'), randomBytes(32).toString('base64'));
  writeFileSync(join(directory, 'users.yaml'), stringify({ users: ['alice', 'mallory'].map((name) => ({ id: name, name, tokenSha256: createHash('sha256').update(`${name}-token`).digest('hex') })) }));
  writeFileSync(file, stringify({
    'member.id': 'manager.test.local', keyFile: join(directory, 'key'), 'http.port': port, 'database.url': databaseUrl,
    'redis.url': process.env['TEST_REDIS_URL'], 'redis.prefix': `t-${randomUUID()}`,
    'cloud.plugin': 'cloud-fake', 'cloud.settings': { controlPort, ...cloud },
    'identity.plugin': 'identity-static', 'identity.settings': { usersFile: join(directory, 'users.yaml') },
    flavors: { small: { vcpu: 1, ramMb: 512, diskGb: 5 }, large: { vcpu: 4, ramMb: 8192, diskGb: 40 } },
    'periods.monitor': '200ms', 'periods.scheduler': '1s', 'periods.release': '500ms', 'placement.retryAfter': '300ms', 'orphans.grace': '100ms', 'orphans.volumeGrace': '100ms', 'worker.deadAfter': '2s',
    ...overrides,
  }));
  const { values, faults } = loadConfig({ ...COMMON_SETTINGS, ...SETTINGS }, { file });
  const all = [...faults, ...configurationFaults(values)];
  if (all.length > 0) throw new Error(all.join('\n'));
  const parts: Part[] = [];
  const stopping = new AbortController();
  await composeManager({ values, env: {}, signal: stopping.signal, log, add: (part) => void parts.push(part) }, substitutes);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    databaseUrl,
    control: axios.create({ baseURL: `http://127.0.0.1:${controlPort}/control` }),
    client: (user = 'alice') => axios.create({ baseURL: url, headers: { 'X-Auth-Token': `${user}-token` }, validateStatus: () => true }),
    async stop() {
      stopping.abort();
      for (const part of parts.reverse()) await part.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the answer satisfies; the bound is a failure, not a wait. */
export async function eventually<T>(ask: () => Promise<T>, satisfied: (value: T) => boolean, boundMs = 15_000): Promise<T> {
  const end = performance.now() + boundMs;
  for (;;) {
    const value = await ask();
    if (satisfied(value)) return value;
    if (performance.now() > end) throw new Error(`Not within ${boundMs} ms; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
