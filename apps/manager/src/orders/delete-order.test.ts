import { createCheckpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { createMemoryOrderStore } from '../simulation/memory-order-store.js';
import { createMemoryReleaseStore, purgeDeletedInMemory } from '../simulation/memory-release-store.js';
import { createMemoryTables } from '../simulation/memory-tables.js';
import { PEER, SELF } from '../testing/make-order.js';
import { newOrder } from '../testing/open-test-database.js';
import { markDeleted } from './delete-order.js';
import { moveBy } from './order-move.js';
import type { OrderRecord } from './order-record.js';

let ms = 0;
const tables = createMemoryTables(() => (ms += 1));
const store = createMemoryOrderStore(tables);
const options = {
  self: SELF, store, releases: createMemoryReleaseStore(tables), purge: async (id: string) => purgeDeletedInMemory(tables, id), wakeUp: () => undefined, checkpoints: createCheckpoints<CrashStep>(undefined),
};
const insert = async (changes: Parameters<typeof newOrder>[0]): Promise<OrderRecord> => {
  const order = newOrder(changes);
  await store.insert([order]);
  return await store.get(order.id) as OrderRecord;
};

test('whoever wants an attempt gone that has gone and come again leaves the new one alone', async () => {
  const first = await insert({ requester: PEER, incarnation: 1 });
  await store.move([moveBy(first, 'gave-up', 'no room')]);
  const failed = await store.get(first.id) as OrderRecord;
  await markDeleted(options, failed, 'told');
  expect(await store.get(first.id)).toBeUndefined();
  const again = await insert({ id: first.id, requester: PEER, incarnation: 2 });
  await markDeleted(options, failed, 'told late');
  expect(await store.get(first.id)).toEqual(again);
});

test('an order that moves on meanwhile is deleted all the same', async () => {
  const seen = await insert({});
  await store.move([moveBy(seen, 'accepted-here', 'taken', { patch: { provider: SELF, instance: { id: 'vm' } } })]);
  await markDeleted(options, seen, 'unwanted');
  expect(await store.get(seen.id)).toMatchObject({ state: 'deleted' });
  expect(await options.releases.claimDue(5, 1000)).toMatchObject([{ orderId: seen.id, member: SELF }]);
});
