import type { Kysely } from 'kysely';
import { createCheckpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { CloudCalls } from '../fulfilment/cloud-calls.js';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import { createLocalProvider } from '../fulfilment/local-provider.js';
import { createLookRound } from '../fulfilment/look-round.js';
import type { ResourceDriver } from '../fulfilment/resource-driver.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { createOrderStore } from '../orders/order-store.js';
import type { OrderStore } from '../orders/order-store.js';
import { NOW, PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createListOurInstances } from './list-our-instances.js';
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
const news: string[] = [];
const newMonitor = (local = healthy) => createMonitorWorker({
  self: SELF, store, local, remote: healthy, moveOrders: (moves) => store.move(moves), wakeLater: () => undefined, tellNews: (orders) => void news.push(...orders.map(({ id }) => id)), checkpoints: createCheckpoints<CrashStep>(undefined),
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

test('a round lists the cloud once, however many pages of orders and whoever else looks, and asks for what came later by its id', async () => {
  const asked: string[] = [];
  const machines = ['one', 'two', 'three'].map((id) => ({ id, state: 'active' as const, told: {} }));
  const driver = {
    list: () => { asked.push('list'); return Promise.resolve(machines.slice(0, 2)); },
    describe: (id: string) => { asked.push(id); return Promise.resolve(machines.find((one) => one.id === id)); },
  } as unknown as ResourceDriver;
  const calls: CloudCalls = { run: (signal, _operation, work) => work({ signal, token: { value: '' } }), quota: () => Promise.resolve(undefined) };
  const local = createLocalProvider({ self: SELF, calls, drivers: { compute: driver }, mayAsk: () => true, checkpoints: createCheckpoints<CrashStep>(undefined) });
  const ofMachine = (id: string): OrderRecord => ({ ...newOrder({}), incarnation: 1, provider: SELF, instance: { id } }) as unknown as OrderRecord;
  const [round, { signal }] = [createLookRound(), new AbortController()];
  const [first, second] = [await local.describe([ofMachine('one')], signal, round), await local.describe(['two', 'three'].map(ofMachine), signal, round)];
  expect([...first.values(), ...second.values()].map(({ kind }) => kind)).toEqual(['present', 'present', 'present']);
  expect(await createListOurInstances({ accounts: [{ calls }], drivers: { compute: driver } })(signal, round)).toHaveLength(2);
  expect(asked).toEqual(['list', 'three']);
});

test('a machine that is reached elsewhere now is shown so, and the member that ordered it hears that there is news', async () => {
  const [ours, served] = [await fulfilled({}), await fulfilled({ requester: PEER })];
  const sshAddress = { host: 'other.example', port: 20_000 };
  const moved = { describe: async (orders: readonly OrderRecord[]) => new Map(orders.map((order) => [order.id, { kind: 'present', state: 'active', reachable: true, instance: { id: order.instance?.id ?? '', sshAddress } }])) } as unknown as InstanceProvider;
  news.length = 0;
  for (let round = 0; round < 2; round += 1) await newMonitor(moved)([ours.id, served.id], new AbortController().signal);
  expect([(await store.get(ours.id))?.instance?.sshAddress, (await store.get(served.id))?.instance?.sshAddress, news]).toEqual([sshAddress, sshAddress, [served.id]]);
});
