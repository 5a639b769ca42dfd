import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderStore } from '../orders/order-store.js';
import type { CrashStep } from '../crash-steps.js';
import { createGrantStore } from './grant-store.js';
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

test('the services of a grant are remembered as the tunnel tells them, those with a name and a port, and the order is looked at', async () => {
  const grants = createGrantStore(database);
  const endpoint = { dialHost: 'd', dialPort: 1, publicHost: 'p', hostKey: 'k' };
  const ssh = { name: 'ssh', port: 20_000 };
  await grants.add([{ id: `${id}-2`, orderId: id, secretHash: 'h', owner: 'o', services: [ssh], endpoint }]);
  woken.length = 0;
  const handle = createTunnelEventHandler({ database, log: silentLogger, checkpoints: createCheckpoints<CrashStep>(undefined), wakeUp: (duty, payload) => void woken.push([duty, payload]) });
  const web = { name: 'web', port: 20_001, kind: 'http', byMachine: true } as const;
  const strange = [{ name: 'a\nb', port: 1 }, { name: 'c', port: 70_000 }, { name: 'd', port: '1; drop' }, { name: 'e', port: 2, kind: 'ftp' }] as unknown as typeof web[];
  await handle({ type: 'services-changed', grantId: `${id}-2`, services: [ssh, web, ...strange], at: '2026-01-01T00:00:00Z' });
  await handle({ type: 'services-changed', grantId: `${randomUUID()}-1`, services: [web], at: '2026-01-01T00:00:00Z' });
  expect((await grants.all()).grants.map(({ services }) => services)).toEqual([[ssh, web]]);
  expect(woken[0]).toEqual(['monitor-instances', { orderIds: [id] }]);
});
