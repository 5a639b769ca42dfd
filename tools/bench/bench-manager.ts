import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { openSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { freePort, until } from '@fogbow/embedded-servers';
import { startBenchServers } from './bench-servers.js';
import type { BenchServers } from './bench-servers.js';

/** One Manager process over a PostgreSQL and a Redis as the launcher starts them (durable), with a fake cloud inside. */
export interface BenchManager {
  readonly url: string;
  readonly port: number;
  /** Of the first user. */
  readonly token: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly agent: http.Agent;
  untilFulfilled(count: number): Promise<void>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchManagerOptions {
  /** Also the name of its database. */
  readonly name?: string;
  readonly users?: readonly string[];
  /** Beyond those that every bench needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const BENCH_MEMBER = 'manager.bench.local';

/** A Manager with servers of its own; they end with it. */
export async function startBenchManager(): Promise<BenchManager> {
  const servers = await startBenchServers();
  const manager = await startManagerOn(servers);
  return {
    ...manager,
    async stop() {
      await manager.stop();
      await servers.stop();
    },
  };
}

export async function startManagerOn(servers: BenchServers, { name = 'bench', users = ['bench'], settings = {} }: BenchManagerOptions = {}): Promise<BenchManager> {
  const databaseUrl = await servers.createDatabase(name);
  const port = await freePort();
  const tokens = Object.fromEntries(users.map((id) => [id, randomBytes(16).toString('hex')]));
  const ended = runManager(servers, name, tokens, {
    'http.port': port, 'database.url': databaseUrl, 'redis.url': servers.redisUrl, 'redis.prefix': name, ...settings,
  });
  const agent = new http.Agent({ keepAlive: true });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true, 30_000);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const count = async (where: string): Promise<number> => Number((await pool.query<{ n: string }>(`select count(*) as n from orders where ${where}`)).rows[0]?.n);
  const token = String(tokens[users[0] ?? '']);
  return {
    url, port, token, tokens, agent, redisUrl: servers.redisUrl, databaseUrl,
    untilFulfilled: async (wanted) => void await until(async () => await count("state = 'fulfilled'") >= wanted, 120_000),
    async clear() {
      await fetch(`${url}/v1/orders`, { method: 'DELETE', headers: { 'X-Auth-Token': token } });
      await until(async () => await count('true') === 0, 120_000);
    },
    async stop() {
      await pool.end();
      agent.destroy();
      await ended();
    },
  };
}

/** Answers what ends the process. */
function runManager({ directory }: BenchServers, name: string, tokens: Readonly<Record<string, string>>, settings: Readonly<Record<string, unknown>>): () => Promise<void> {
  const file = (ending: string): string => join(directory, `${name}.${ending}`);
  writeFileSync(file('key'), randomBytes(32).toString('base64'));
  writeFileSync(file('users.yaml'), stringify({ users: Object.entries(tokens).map(([id, token]) => ({ id, name: id, tokenSha256: createHash('sha256').update(token).digest('hex') })) }));
  writeFileSync(file('yaml'), stringify({
    'member.id': BENCH_MEMBER, keyFile: file('key'), 'cloud.plugin': 'cloud-fake', 'identity.plugin': 'identity-static', 'identity.settings': { usersFile: file('users.yaml') },
    flavors: { small: { vcpu: 1, ramMb: 512, diskGb: 5 } }, 'log.level': 'warn', ...settings,
  }));
  const output = openSync(file('log'), 'a');
  const nodeOptions = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);
  const child = spawn(process.execPath, [...nodeOptions, join(String(process.env['FOGBOW_ROOT']), 'dist/apps/manager/main.js'), '--config', file('yaml')], { stdio: ['ignore', output, output] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

/** Node's own client: the bench shares two cores with what it measures. */
export function post(manager: Pick<BenchManager, 'url' | 'token' | 'agent'>, body: unknown): Promise<string> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(`${manager.url}/v1/orders`, {
      method: 'POST', agent: manager.agent, headers: { 'X-Auth-Token': manager.token, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    }, (response) => {
      let answer = '';
      response.on('data', (bytes: Buffer) => { answer += String(bytes); });
      response.on('end', () => (response.statusCode === 201 ? resolve(answer) : reject(new Error(`${response.statusCode}: ${answer}`))));
    });
    request.on('error', reject);
    request.end(text);
  });
}
