import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { openDatabase } from './open-database.js';
import { PREPARED, PREPARED_TUPLES } from './prepared-statements.js';

let database: Kysely<unknown>;
beforeEach(() => { database = openDatabase<unknown>({ url: String(process.env['TEST_POSTGRES_URL']), maxConnections: 1, onError: () => undefined }); });
afterEach(() => database.destroy());

const preparedHere = async (): Promise<string[]> =>
  (await sql<{ statement: string }>`select statement from pg_prepared_statements order by name`.execute(database)).rows.map(({ statement }) => statement);

test('a marked statement is prepared once for a connection, whatever its values', async () => {
  for (const value of [1, 2, 3]) expect((await sql`${PREPARED} select ${value}::integer as n`.execute(database)).rows).toEqual([{ n: value }]);
  await sql`select 4`.execute(database);
  expect(await preparedHere()).toEqual(['/* prepared */ select $1::integer as n']);
});

test('tuples come in the order of the columns', async () => {
  expect((await sql`${PREPARED_TUPLES} select 1 as a, null as b, '{"c": 2}'::jsonb as a`.execute(database)).rows).toEqual([[1, null, { c: 2 }]]);
});

test('a statement that is wrong fails each time, and the connection lives on', async () => {
  for (let round = 0; round < 2; round += 1) await expect(sql`${PREPARED} select nonsense`.execute(database)).rejects.toThrow('nonsense');
  expect((await sql`${PREPARED} select 1 as n`.execute(database)).rows).toEqual([{ n: 1 }]);
});

test('a connection remembers no more than a bounded number of statements', async () => {
  for (let index = 0; index < 210; index += 1) expect((await sql`${PREPARED} select ${sql.lit(index)} as n`.execute(database)).rows).toEqual([{ n: index }]);
  expect(await preparedHere()).toHaveLength(200);
});
