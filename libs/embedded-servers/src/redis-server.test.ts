import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { isAlive } from './process.js';
import { startRedis } from './redis-server.js';
import type { RedisOptions, RedisServer } from './redis-server.js';

let directory: string;
let lines: string[];
let servers: RedisServer[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fb-rd-'));
  lines = [];
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(more: Partial<RedisOptions> = {}): Promise<RedisServer> {
  const server = await startRedis({ directory, durable: true, install: false, logFile: join(directory, 'log'), log: (line) => void lines.push(line), ...more });
  servers.push(server);
  return server;
}

async function ask<Answer>(server: RedisServer, question: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const redis = server.url.startsWith('unix://') ? new Redis({ path: server.url.slice('unix://'.length) }) : new Redis(server.url);
  redis.on('error', () => undefined);
  const answer = await question(redis);
  redis.disconnect();
  return answer;
}

describe('Redis', () => {
  it('keeps what it was told across a stop, on a socket', async () => {
    const unixSocket = join(directory, 's');
    const first = await start({ unixSocket });
    expect(first.url).toBe(`unix://${unixSocket}`);
    await ask(first, (redis) => redis.set('kept', 'yes'));
    await first.stop();
    expect(await ask(await start({ unixSocket }), (redis) => redis.get('kept'))).toBe('yes');
  });

  it('takes over from one that a killed starter left running', async () => {
    const orphan = await start();
    await start();
    expect(isAlive(orphan.pid)).toBe(false);
    expect(lines).toEqual([`Stopping the Redis of an earlier start (process ${orphan.pid})`]);
  });

  it('leaves alone the server of another folder whose name begins the same', async () => {
    const other = await start({ directory: join(directory, 'data-2') });
    await start({ directory: join(directory, 'data') });
    expect(isAlive(other.pid)).toBe(true);
    expect(lines).toEqual([]);
  });

  it('refuses a socket path that the system would cut off', async () => {
    await expect(start({ unixSocket: join(directory, 'x'.repeat(108)) })).rejects.toThrow(/longer than 107 bytes/);
  });

  it('is replaced by the one of node_modules where there is none', async () => {
    const server = await start({ program: () => undefined });
    expect(server.kind).toBe('js');
    expect(await ask(server, (redis) => redis.eval('return 1 + 1', 0))).toBe(2);
    expect(lines.join()).toContain('slower and keeps nothing');
  });
});
