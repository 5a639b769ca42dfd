import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderStore } from '../orders/order-store.js';
import type { CrashStep } from '../crash-steps.js';
import { createTunnelEventHandler } from './tunnel-event-handler.js';

let database: Kysely<unknown>;
const id = randomUUID();
const woken: unknown[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
  await createOrderStore(database).insert([newOrder({ id, incarnation: 2 })]);
});
afterAll(() => database.destroy());

test.each([
  ['the incarnation that it names', `${id}-2`, true],
  ['no other incarnation', `${id}-1`, false],
  ['no other order', `${randomUUID()}-2`, false],
  ['nothing when it is not an id of ours', `${id}2`, false],
  ['nothing when it is no number that the database knows', `${id}-99999999999`, false],
])('a grant concerns %s', async (_name, grantId, isConcerned) => {
  await sql`update orders set connected = false`.execute(database);
  woken.length = 0;
  const handle = createTunnelEventHandler({ database, log: silentLogger, checkpoints: createCheckpoints<CrashStep>(undefined), wakeUp: (duty, payload) => void woken.push([duty, payload]) });
  await handle({ type: 'service-up', grantId, service: 'ssh' } as Parameters<typeof handle>[0]);
  expect((await createOrderStore(database).get(id))?.connected).toBe(isConcerned);
  expect(woken).toEqual(isConcerned ? [['monitor-instances', { orderIds: [id] }]] : []);
});
