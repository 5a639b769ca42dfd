import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { freePort, startPostgres, startRedis, until } from '@fogbow/embedded-servers';

/** One Manager process over a PostgreSQL and a Redis as the launcher starts them (durable), with a fake cloud inside. */
export interface BenchManager {
  readonly url: string;
  readonly token: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly agent: http.Agent;
  untilFulfilled(count: number): Promise<void>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}


export async function startBenchManager(): Promise<BenchManager> {
  const directory = mkdtempSync(join(tmpdir(), 'fb-'));
  const log = (line: string): void => void (process.env['BENCH_LOG'] && process.stderr.write(`${line}\n`));
  const postgres = await startPostgres({ directory: join(directory, 'pg'), port: await freePort(), durable: true, logFile: join(directory, 'pg.log'), log });
  const redis = await startRedis({ directory: join(directory, 'redis'), port: await freePort(), durable: true, logFile: join(directory, 'redis.log'), log, install: true });
  const databaseUrl = await createBenchDatabase(postgres);
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(directory, 'key'), randomBytes(32).toString('base64'));
  writeFileSync(join(directory, 'users.yaml'), stringify({ users: [{ id: 'bench', name: 'bench', tokenSha256: createHash('sha256').update(token).digest('hex') }] }));
  writeFileSync(join(directory, 'manager.yaml'), stringify({
    'member.id': 'manager.bench.local', keyFile: join(directory, 'key'), 'http.port': port, 'database.url': databaseUrl, 'redis.url': redis.url,
    'cloud.plugin': 'cloud-fake', 'identity.plugin': 'identity-static', 'identity.settings': { usersFile: join(directory, 'users.yaml') },
    flavors: { small: { vcpu: 1, ramMb: 512, diskGb: 5 } }, 'log.level': 'warn',
  }));
  const output = openSync(join(directory, 'manager.log'), 'a');
  const child = spawn(process.execPath, [join(String(process.env['FOGBOW_ROOT']), 'dist/apps/manager/main.js'), '--config', join(directory, 'manager.yaml')], { stdio: ['ignore', output, output] });
  const agent = new http.Agent({ keepAlive: true });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true, 30_000);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const count = async (where: string): Promise<number> => Number((await pool.query<{ n: string }>(`select count(*) as n from orders where ${where}`)).rows[0]?.n);
  const manager = { url, token, agent, redisUrl: redis.url, databaseUrl };
  return {
    ...manager,
    untilFulfilled: async (wanted) => void await until(async () => await count("state = 'fulfilled'") >= wanted, 120_000),
    async clear() {
      await fetch(`${url}/v1/orders`, { method: 'DELETE', headers: { 'X-Auth-Token': token } });
      await until(async () => await count('true') === 0, 120_000);
    },
    async stop() {
      await pool.end();
      agent.destroy();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await redis.stop();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function createBenchDatabase(postgres: { url(database: string): string }): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  await client.query('create database bench');
  await client.end();
  return postgres.url('bench');
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
