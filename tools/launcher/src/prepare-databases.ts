import { Client } from 'pg';

/** Creates the databases that are missing. Names are ours and need no quoting beyond the standard. */
export async function prepareDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const there = new Set(rows.map((row) => row.datname));
    for (const name of names.filter((candidate) => !there.has(candidate))) await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
}
