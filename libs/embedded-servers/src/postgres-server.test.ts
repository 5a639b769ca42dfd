import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from './postgres-server.js';
import type { PostgresServer } from './postgres-server.js';
import { isAlive } from './process.js';

let parent: string;
let lines: string[];
let servers: PostgresServer[];
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'fb-pg-'));
  lines = [];
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers.at(-1)?.wipe();
  rmSync(parent, { recursive: true, force: true });
});

async function start(port?: number): Promise<PostgresServer> {
  const server = await startPostgres({
    directory: join(parent, 'pg'), durable: false, logFile: join(parent, 'log'), log: (line) => void lines.push(line), ...(port === undefined ? {} : { port }),
  });
  servers.push(server);
  return server;
}

async function query(server: PostgresServer, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url('postgres') });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

describe('PostgreSQL', () => {
  it('finds its data again after a stop, in a folder that only its own user may enter', async () => {
    // As mktemp -d and /root are: started by root, the server runs as another user and cannot pass through.
    chmodSync(parent, 0o700);
    const first = await start();
    await query(first, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    second.wipe();
    expect(existsSync(join(parent, 'pg'))).toBe(false);
  }, 60_000);

  it('does not bring back what was removed by hand', async () => {
    chmodSync(parent, 0o700);
    const first = await start();
    await query(first, 'create table gone as select 1 as one');
    await first.stop();
    rmSync(join(parent, 'pg'), { recursive: true });
    expect(await query(await start(), 'select to_regclass(\'gone\') as found')).toEqual([{ found: null }]);
  }, 60_000);

  it('takes over from a server that a killed starter left running, and from the lock file of a killed server', async () => {
    chmodSync(parent, 0o711);
    const orphan = await start();
    await query(orphan, 'create table kept as select 1 as one');
    const next = await start();
    expect(isAlive(orphan.pid)).toBe(false);
    expect(lines.join()).toContain('Stopping the PostgreSQL of an earlier start');
    process.kill(next.pid, 'SIGKILL');
    await next.ended;
    expect(await query(await start(), 'select one from kept')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('refuses a port in use with one sentence', async () => {
    chmodSync(parent, 0o711);
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use by another program, PostgreSQL cannot have it.`);
    await new Promise((resolve) => other.close(resolve));
  }, 60_000);
});
