import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { parseTime } from './parse-time.js';
import { preparingPool } from './prepared-statements.js';

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly maxConnections?: number;
  /** A connection that was idle broke; the pool replaces it. */
  readonly onError: (error: Error) => void;
  /** A statement failed, for whatever reason. */
  readonly onFailure?: (error: unknown) => void;
}

// int8 as number: ids and counts of ours stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const driversOwn = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => unknown;
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => parseTime(text, driversOwn));

/** A pooled PostgreSQL (≥ 15) database with the given tables. `destroy()` closes it. */
export function openDatabase<Tables>(options: DatabaseOptions): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on('error', options.onError);
  pool.on('connect', (client) => client.on('error', options.onError));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparingPool(pool, options.onFailure) }) });
}
