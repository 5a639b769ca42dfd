import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';

/** One forward step of a schema. Names sort in the order of application and are never changed once released. */
export interface Migration<Tables> {
  readonly name: string;
  up(transaction: Transaction<Tables>): Promise<void>;
}

// Any constant; it only has to be the same in every process that migrates.
const LOCK = 7_346_291;

/** Applies what is missing, in one transaction; processes that start together take turns. Answers the names applied. */
export async function migrate<Tables>(database: Kysely<Tables>, migrations: readonly Migration<Tables>[]): Promise<string[]> {
  return await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    await sql`create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())`.execute(transaction);
    const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(transaction);
    const done = new Set(rows.map((row) => row.name));
    const missing = [...migrations].sort((a, b) => a.name.localeCompare(b.name)).filter((migration) => !done.has(migration.name));
    for (const migration of missing) {
      await migration.up(transaction);
      await sql`insert into schema_migrations (name) values (${migration.name})`.execute(transaction);
    }
    return missing.map((migration) => migration.name);
  });
}
