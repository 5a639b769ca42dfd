import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { silentLogger } from '@fogbow/service-runtime';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderStore } from '../orders/order-store.js';
import { createCloudTokens } from './cloud-tokens.js';
import type { CloudTokens } from './cloud-tokens.js';

const MINUTE = 60_000;
const KEY = randomBytes(32);
let database: Kysely<unknown>;
let now: number;
let issued: number;
beforeAll(async () => { database = await openTestDatabase(); });
afterAll(() => database.destroy());
beforeEach(async () => {
  [now, issued] = [Date.parse('2026-01-01T00:00:00Z'), 0];
  await sql`truncate cloud_tokens, orders, releases`.execute(database);
});

/** The tokens as one process sees them; all processes share database, clock and cloud. */
const process = (lifeMs: number | undefined, key = KEY): CloudTokens => createCloudTokens({
  database, key, log: silentLogger, account: 'default', credentials: () => ({}), periodMs: MINUTE, clock: { now: () => new Date(now) },
  identity: { issue: () => Promise.resolve({ value: `token-${(issued += 1)}`, ...(lifeMs === undefined ? {} : { expiresAt: new Date(now + lifeMs) }) }) },
});

test('many calls of two processes share one token', async () => {
  const [left, right] = [process(60 * MINUTE), process(60 * MINUTE)];
  const tokens = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? left : right).current()));
  expect([new Set(tokens.map((token) => token.value)).size, issued]).toEqual([1, 1]);
});

test('it is renewed before it expires, while an order needs it, and every process gets the new one', async () => {
  const [left, right] = [process(10 * MINUTE), process(10 * MINUTE)];
  await left.current();
  expect(await left.renewIfDue()).toBe('not needed');
  await createOrderStore(database).insert([newOrder()]);
  expect(await left.renewIfDue()).toBe('fresh');
  now += 8 * MINUTE + 1;
  expect(await left.renewIfDue()).toBe('renewed');
  expect([(await left.current()).value, (await right.current()).value, issued]).toEqual(['token-2', 'token-2', 2]);
});

test('a token that the cloud refused is replaced once, whoever says so and how often', async () => {
  const [left, right] = [process(undefined), process(undefined)];
  const token = await left.current();
  await right.current();
  await Promise.all([left.refused(token), right.refused(token)]);
  expect((await left.current()).value).toBe('token-2');
  await right.refused(token);
  expect([(await right.current()).value, issued]).toEqual(['token-2', 2]);
});

test('a token whose whole life is shorter than the margin serves for half of it, in every process', async () => {
  const [left, right] = [process(4000), process(4000)];
  await left.current();
  await right.current();
  now += 1500;
  expect([(await left.current()).value, (await right.current()).value, issued]).toEqual(['token-1', 'token-1', 1]);
  now += 600;
  expect((await right.current()).value).toBe('token-2');
});

test('the database holds it sealed; under another key it counts as absent', async () => {
  await process(undefined).current();
  const { rows } = await sql<{ row: string }>`select cloud_tokens::text as row from cloud_tokens`.execute(database);
  expect(rows[0]?.row).not.toContain('token-1');
  expect(Buffer.from(String(rows[0]?.row), 'base64').toString('latin1')).not.toContain('token-1');
  expect((await process(undefined, randomBytes(32)).current()).value).toBe('token-2');
});

test('a cloud that issues nothing leaves nothing behind, and is asked again', async () => {
  let fail = true;
  const tokens = createCloudTokens({
    database, key: KEY, log: silentLogger, account: 'default', credentials: () => ({}), periodMs: MINUTE, clock: { now: () => new Date(now) },
    identity: { issue: () => (fail ? Promise.reject(new Error('away')) : Promise.resolve({ value: 'good' })) },
  });
  await expect(tokens.current()).rejects.toThrow('away');
  fail = false;
  expect((await tokens.current()).value).toBe('good');
});
