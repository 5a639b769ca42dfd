import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NO_FAVOURS } from '@fogbow/request-model';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { createOrderLeases } from '../orders/lease-table.js';
import type { OrderLeases } from '../orders/claim-orders.js';
import { loadNeeds } from '../orders/load-needs.js';
import { createMoveOrders } from '../orders/move-orders.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { createOrderStore } from '../orders/order-store.js';
import { NOW, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createPlacementWorker } from './placement-worker.js';
import type { PlacementFacts } from './plan-placement.js';

let database: Kysely<unknown>;
beforeAll(async () => { database = await openTestDatabase(); });
afterAll(() => database.destroy());

const FACTS = {
  self: SELF, now: NOW, kinds: ['compute', 'storage', 'network', 'attachment'], flavors: [], needs: new Map(), room: undefined,
  taken: { instances: 0, vcpu: 0, ramMb: 0 }, members: [], kept: [], toldRoom: new Map(), barred: new Map(), favoursOf: () => NO_FAVOURS, picker: { usesFavours: false, pick: () => undefined }, previousPick: undefined, retryMs: 60_000,
} satisfies PlacementFacts;

async function scene(whilePuttingBack: (world: { readonly machine: OrderRecord; settle(order: OrderRecord): Promise<void> }) => Promise<void>) {
  const store = createOrderStore(database);
  const moveOrders = createMoveOrders({ self: SELF, store, wakeUp: () => undefined, wakeLater: () => undefined, tellRequesters: () => undefined });
  const settle = async (order: OrderRecord): Promise<void> =>
    void await moveOrders([{ ...moveBy(order, 'accepted-here', '', { patch: { provider: SELF, instance: { id: `i-${order.id}` } } }), events: ['accepted-here', 'ready'] }]);
  const [machine, volume] = [newOrder({ notBeforeMs: 600_000 }), newOrder({ kind: 'storage', spec: { sizeGb: 1 }, notBeforeMs: 600_000 })];
  const link = newOrder({ kind: 'attachment', spec: { attachment: { computeOrderId: machine.id, volumeOrderId: volume.id } } });
  await store.insert([machine, volume, link]);
  await settle((await store.get(volume.id)) as OrderRecord);
  const workerId = randomUUID();
  await sql`insert into workers (id, name) values (${workerId}, 'w')`.execute(database);
  const plain = createOrderLeases(database, workerId, 60_000);
  let rounds = 0;
  const leases: OrderLeases = {
    ...plain,
    async putBack(waits) {
      if (waits.length === 0) return;
      rounds += 1;
      if (rounds === 1) await whilePuttingBack({ machine: (await store.get(machine.id)) as OrderRecord, settle });
      await plain.putBack(waits);
    },
  };
  const place = createPlacementWorker({
    self: SELF, leases, moveOrders, life: { isAlive: () => true, signal: () => new AbortController().signal }, wakeLater: () => undefined, batchSize: 10,
    checkpoints: createCheckpoints<CrashStep>(undefined), log: silentLogger,
    facts: {
      home: () => Promise.resolve(FACTS), withMembers: (facts) => Promise.resolve(facts), withRoom: (facts) => Promise.resolve(facts), rememberPick: () => Promise.resolve(),
      withNeeds: async (facts, orders) => ({ ...facts, needs: await loadNeeds(store, orders) }),
    },
    makeRoom: () => Promise.resolve(),
    local: {
      request: (order) => Promise.resolve({ kind: 'accepted', instance: { id: `i-${order.id}` }, ready: true }),
      describe: () => Promise.reject(new Error('not asked here')), release: () => Promise.reject(new Error('not asked here')),
    },
    remote: { request: () => Promise.reject(new Error('not asked here')), describe: () => Promise.reject(new Error('not asked here')), release: () => Promise.reject(new Error('not asked here')) },
  });
  await place(new AbortController().signal);
  const after = (await store.get(link.id)) as OrderRecord;
  await sql`truncate orders`.execute(database);
  return { after, rounds };
}

describe('an order that waits for others', () => {
  test('is looked at again when they came while it was being put back', async () => {
    expect(await scene(({ machine, settle }) => settle(machine))).toMatchObject({ after: { state: 'fulfilled' }, rounds: 1 });
  });

  test('is not looked at again and again while one of two is there', async () => {
    expect(await scene(() => Promise.resolve())).toMatchObject({ after: { state: 'open', reason: expect.stringContaining('it waits for machine') as string }, rounds: 1 });
  });
});
