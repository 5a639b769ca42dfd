import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isDatabaseAway } from './is-database-away.js';
import { migrate } from './migrate.js';
import type { Migration } from './migrate.js';
import { openDatabase } from './open-database.js';

const adminUrl = (): URL => new URL(String(process.env['TEST_POSTGRES_URL']));
const open = (url: URL): Kysely<unknown> => openDatabase<unknown>({ url: url.href, maxConnections: 2, onError: () => undefined });

const step = (name: string, statement: string): Migration<unknown> => ({ name, up: async (transaction) => void await sql.raw(statement).execute(transaction) });
const FIRST = step('0001-first', 'create table things (id integer primary key)');
const SECOND = step('0002-second', 'alter table things add column name text');

describe('migrations', () => {
  let url: URL;
  beforeEach(async () => {
    const name = `s_${randomBytes(6).toString('hex')}`;
    const admin = open(adminUrl());
    await sql.raw(`create database ${name}`).execute(admin);
    await admin.destroy();
    url = adminUrl();
    url.pathname = `/${name}`;
  });

  test('by processes that start together are applied once', async () => {
    const databases = Array.from({ length: 5 }, () => open(url));
    const applied = await Promise.all(databases.map((database) => migrate(database, [SECOND, FIRST])));
    expect(applied.flat()).toEqual(['0001-first', '0002-second']);
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await Promise.all(databases.map((database) => database.destroy()));
  });

  test('that are new are added to those that are there', async () => {
    const database = open(url);
    expect(await migrate(database, [FIRST])).toEqual(['0001-first']);
    expect(await migrate(database, [FIRST, SECOND])).toEqual(['0002-second']);
    expect(await migrate(database, [FIRST, SECOND])).toEqual([]);
    await database.destroy();
  });

  test('that fail leave nothing behind', async () => {
    const database = open(url);
    await expect(migrate(database, [FIRST, step('0002-wrong', 'create nonsense')])).rejects.toThrow('syntax error');
    expect((await sql`select to_regclass('things') as found`.execute(database)).rows).toEqual([{ found: null }]);
    await database.destroy();
  });
});

describe('a database that is away', () => {
  const failureOf = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => undefined, (error: unknown) => error);

  test('is told from a statement that is wrong', async () => {
    const database = open(adminUrl());
    expect(isDatabaseAway(await failureOf(sql`select nonsense`.execute(database)))).toBe(false);
    expect(isDatabaseAway(await failureOf(sql`select pg_terminate_backend(pg_backend_pid())`.execute(database)))).toBe(true);
    await database.destroy();
  });

  test('is known by its port, its socket and its name', async () => {
    for (const [host, port] of [['127.0.0.1', '1'], ['localhost', '1'], ['nowhere.invalid', '5432']] as const) {
      const url = adminUrl();
      Object.assign(url, { hostname: host, port });
      const database = open(url);
      expect(isDatabaseAway(await failureOf(sql`select 1`.execute(database)))).toBe(true);
      await database.destroy();
    }
  });

  test.each([undefined, 'text', new Error('something else'), Object.assign(new Error('no file'), { code: 'ENOENT' })])('is not %s', (error) => expect(isDatabaseAway(error)).toBe(false));
});

test('counts come as numbers', async () => {
  const database = open(adminUrl());
  expect((await sql`select count(*) as n from pg_database where false`.execute(database)).rows).toEqual([{ n: 0 }]);
  await database.destroy();
});
