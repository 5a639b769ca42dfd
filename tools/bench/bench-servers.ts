import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, startPostgres, startRedis } from '@fogbow/embedded-servers';

/** A PostgreSQL and a Redis as the launcher starts them (durable), in a directory of their own. */
export interface BenchServers {
  readonly directory: string;
  readonly redisUrl: string;
  /** Makes it and answers its URL. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startBenchServers(): Promise<BenchServers> {
  const directory = mkdtempSync(join(tmpdir(), 'fb-'));
  const log = (line: string): void => void (process.env['BENCH_LOG'] && process.stderr.write(`${line}\n`));
  const postgres = await startPostgres({ directory: join(directory, 'pg'), port: await freePort(), durable: true, logFile: join(directory, 'pg.log'), log });
  const redis = await startRedis({ directory: join(directory, 'redis'), port: await freePort(), durable: true, logFile: join(directory, 'redis.log'), log, install: true });
  return {
    directory, redisUrl: redis.url,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: postgres.url('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return postgres.url(name);
    },
    async stop() {
      await redis.stop();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
