import type { Kysely } from 'kysely';
import { createCheckpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { createOrderStore } from '../orders/order-store.js';
import type { OrderStore } from '../orders/order-store.js';
import { NOW, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createMonitorWorker } from './monitor-worker.js';

let database: Kysely<unknown>;
let store: OrderStore;
beforeAll(async () => {
  database = await openTestDatabase();
  store = createOrderStore(database);
});
afterAll(() => database.destroy());

/** A cloud in which everything that was ever made is well. */
const healthy = { describe: async (orders: readonly OrderRecord[]) => new Map(orders.map((order) => [order.id, { kind: 'present', state: 'active', reachable: true, instance: { id: order.instance?.id ?? '' } }])) } as unknown as InstanceProvider;
const newMonitor = () => createMonitorWorker({
  self: SELF, store, local: healthy, remote: healthy, moveOrders: (moves) => store.move(moves), wakeLater: () => undefined, checkpoints: createCheckpoints<CrashStep>(undefined),
  silence: () => Promise.resolve(new Map()), clock: { now: () => NOW, uptime: () => 0, sleep: () => Promise.resolve() },
  policy: { self: SELF, lostAfterMs: 1000, bootDeadlineMs: 1000, maxFailedBoots: 5, retryAfter: () => 0 },
});
const fulfilled = async (changes: Parameters<typeof newOrder>[0]): Promise<OrderRecord> => {
  const order = newOrder(changes);
  await store.insert([order]);
  const move = moveBy(await store.get(order.id) as OrderRecord, 'accepted-here', '', { patch: { provider: SELF, instance: { id: `of ${order.id}` } } });
  await store.move([{ ...move, events: ['accepted-here', 'ready'] }]);
  return await store.get(order.id) as OrderRecord;
};

test.each(['machine', 'volume'] as const)('an attachment ends with its %s, though the cloud still shows it', async (which) => {
  const [machine, volume] = [await fulfilled({}), await fulfilled({ kind: 'storage', spec: { sizeGb: 1 } })];
  const attachment = await fulfilled({ kind: 'attachment', spec: { attachment: { computeOrderId: machine.id, volumeOrderId: volume.id } } });
  const monitor = newMonitor();
  const round = () => monitor(undefined, new AbortController().signal);
  await round();
  expect(await store.get(attachment.id)).toMatchObject({ state: 'fulfilled' });
  await store.move([moveBy(which === 'machine' ? machine : volume, 'lost', 'it failed', { release: [SELF] })]);
  await round();
  expect(await store.get(attachment.id)).toMatchObject({ state: 'closed' });
});
