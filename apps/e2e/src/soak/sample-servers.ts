import { statSync } from 'node:fs';
import pg from 'pg';
import { connectRedis, createJobQueues, QUEUES } from '@fogbow/queues';
import type { FederationFile } from '../federation-file.js';
import type { Sample } from './soak-log.js';

export type ServerSample = Pick<Sample, 'connections' | 'rows' | 'redis' | 'queues'>;

/** What is in PostgreSQL and Redis; it has connections of its own, which it does not count. */
export interface ServerProbe {
  look(): Promise<ServerSample>;
  close(): Promise<void>;
}

const QUERY_TIMEOUT_MS = 10_000;

export function createServerProbe({ postgres, redis, members }: Pick<FederationFile, 'postgres' | 'redis' | 'members'>): ServerProbe {
  const databases = members.map(({ name }) => `fogbow_${name}`);
  const pools = databases.map((database) => {
    const pool = new pg.Pool({ connectionString: postgres.url.replace(/\/postgres(?=$|\?)/, `/${database}`), max: 1, application_name: 'soak', query_timeout: QUERY_TIMEOUT_MS });
    pool.on('error', () => undefined);
    return { database, pool };
  });
  const connection = connectRedis(redis.url, 'producer', () => undefined);
  const queues = members.flatMap(({ name }) => (['manager', 'tunnel'] as const).map((owner) => ({ name, owner, queues: createJobQueues({ connection, prefix: `${owner}-${name}`, onError: () => undefined }) })));
  return {
    look: async () => ({
      connections: await countConnections(pools[0]?.pool as pg.Pool, databases),
      rows: Object.assign({}, ...await Promise.all(pools.map(({ database, pool }) => countRows(pool, database)))) as Record<string, number>,
      redis: { usedKb: Math.round(Number(/^used_memory:(\d+)/m.exec(await connection.info('memory'))?.[1]) / 1024), keys: await connection.dbsize() },
      queues: Object.fromEntries(await Promise.all(queues.flatMap(({ name, owner, queues: ours }) =>
        QUEUES.filter((queue) => queue.startsWith('tunnel-') === (owner === 'tunnel')).map(async (queue) => [`${name}.${queue}`, await ours.depth(queue)] as const)))),
    }),
    async close() {
      await Promise.all(queues.map((one) => one.queues.close()));
      connection.disconnect();
      await Promise.all(pools.map(({ pool }) => pool.end()));
    },
  };
}

async function countConnections(pool: pg.Pool, databases: readonly string[]): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; count: string }>('select datname as name, count(*) as count from pg_stat_activity where datname = any($1) and application_name <> \'soak\' group by 1', [databases]);
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}

async function countRows(pool: pg.Pool, database: string): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string }>('select table_name as name from information_schema.tables where table_schema = \'public\'');
  const { rows } = await pool.query<{ name: string; count: string }>(tables.map(({ name }) => `select '${name}' as name, count(*) as count from "${name}"`).join(' union all '));
  return Object.fromEntries(rows.map(({ name, count }) => [`${database}.${name}`, Number(count)]));
}

/** Kilobytes of the files; those that are missing have none. */
export function sizeOf(files: readonly string[]): number {
  return Math.round(files.reduce((total, file) => total + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0) / 1024);
}
