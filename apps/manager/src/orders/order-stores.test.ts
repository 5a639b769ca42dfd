import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderLeases } from './claim-orders.js';
import { createListOrders } from './list-orders.js';
import { moveBy, reopened } from './order-move.js';
import type { OrderRecord } from './order-record.js';
import { createOrderStore } from './order-store.js';
import type { OrderStore } from './order-store.js';
import { createOrderViews } from './order-views.js';
import { createReleaseStore, purgeDeleted } from './release-store.js';
import { createWorkerLife } from './worker-life.js';
import { registerWorker } from './worker-registry.js';

const DEAD_AFTER = 60_000;
let database: Kysely<unknown>;
let store: OrderStore;
beforeAll(async () => {
  database = await openTestDatabase();
  store = createOrderStore(database);
});
afterAll(() => database.destroy());
beforeEach(() => sql`truncate orders, order_history, releases, workers`.execute(database));

const insert = async (...changes: Parameters<typeof newOrder>): Promise<OrderRecord> => {
  const order = newOrder(...changes);
  await store.insert([order]);
  return await get(order.id);
};
const get = async (id: string): Promise<OrderRecord> => (await store.get(id)) as OrderRecord;
const accepted = (order: OrderRecord) => moveBy(order, 'accepted-here', 'taken', { patch: { provider: SELF, instance: { id: 'vm' } }, attempts: order.attempts });
const worker = async (seenSecondsAgo = 0): Promise<string> => {
  const id = randomUUID();
  await sql`insert into workers (id, name, seen_at) values (${id}, 'w', now() - make_interval(secs => ${seenSecondsAgo}))`.execute(database);
  return id;
};
const count = async (table: string): Promise<number> => (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(database)).rows[0]?.n ?? -1;

describe('moves', () => {
  test('set state, reason and patch, and write the history', async () => {
    const order = await insert();
    expect((await store.move([accepted(order)])).get(order.id)).toEqual({ requester: SELF, connected: false });
    expect(await get(order.id)).toMatchObject({ state: 'spawning', reason: 'taken', provider: SELF, instance: { id: 'vm' } });
    expect(await store.history(order.id)).toMatchObject([{ event: 'submitted', to: 'open' }, { event: 'accepted-here', from: 'open', to: 'spawning', provider: SELF, incarnation: 1 }]);
  });

  test('lead through several events at once', async () => {
    const order = await insert();
    await store.move([{ ...accepted(order), events: ['accepted-here', 'ready'] }]);
    expect((await get(order.id)).fulfilledAt).toBeInstanceOf(Date);
    expect((await store.history(order.id)).map((entry) => [entry.from, entry.to])).toEqual([[undefined, 'open'], ['open', 'spawning'], ['spawning', 'fulfilled']]);
  });

  test.each([
    ['another state', { from: 'pending' as const, events: ['answered' as const] }],
    ['another incarnation', { incarnation: 2 }],
    ['another attempt', { attempts: 5 }],
  ])('of %s do nothing at all', async (_name, wrong) => {
    const order = await insert();
    expect((await store.move([{ ...accepted(order), release: [SELF], ...wrong }])).size).toBe(0);
    expect(await get(order.id)).toEqual(order);
    expect([await count('order_history'), await count('releases')]).toEqual([1, 0]);
  });

  test('of one order that come together are applied once', async () => {
    const order = await insert();
    const results = await Promise.all(Array.from({ length: 8 }, () => store.move([accepted(order)])));
    expect(results.filter((moved) => moved.has(order.id))).toHaveLength(1);
    expect(await count('order_history')).toBe(2);
  });

  test('write down in the same statement what must be removed', async () => {
    const order = await insert();
    await store.move([accepted(order)]);
    await store.move([moveBy(await get(order.id), 'boot-failed', 'gone', { patch: reopened(order), release: [SELF, PEER] })]);
    const { rows } = await sql`select order_id, incarnation, member from releases order by member`.execute(database);
    expect(rows).toEqual([SELF, PEER].map((member) => ({ order_id: order.id, incarnation: 1, member })));
    expect(await get(order.id)).toMatchObject({ state: 'open', incarnation: 2, attempts: 0 });
  });

  test('that are illegal are a fault of ours, before anything is asked of the database', async () => {
    await expect((async () => await store.move([moveBy(await insert(), 'ready', 'no')]))()).rejects.toMatchObject({ code: 'internal' });
  });

  test('an id that is inserted twice is one order with one history', async () => {
    const order = newOrder();
    await Promise.all([store.insert([order]), store.insert([order]), store.insert([order])]);
    expect([await count('orders'), await count('order_history')]).toEqual([1, 1]);
  });
});

describe('leases', () => {
  const leasesOf = (workerId: string) => createOrderLeases(database, workerId, DEAD_AFTER);
  const wait = (order: OrderRecord, changes = {}) => ({ id: order.id, reason: 'no room', inMs: 60_000, explanation: [], refusals: {}, untouched: true, ...changes });

  test('two workers never hold the same order', async () => {
    await store.insert(Array.from({ length: 60 }, () => newOrder()));
    const [left, right] = [leasesOf(await worker()), leasesOf(await worker())];
    const claims = (await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 ? left : right).claimOpen(10)))).flat();
    expect(new Set(claims.map((order) => order.id)).size).toBe(claims.length);
    expect(claims.length).toBe(60);
  });

  test('that of a live worker stands, that of a dead one is taken over with another attempt', async () => {
    const order = await insert();
    const [owner, other] = [await worker(), await worker()];
    expect(await leasesOf(owner).claimOpen(5)).toMatchObject([{ id: order.id, attempts: 1 }]);
    expect(await leasesOf(other).claimOpen(5)).toEqual([]);
    await sql`update workers set seen_at = now() - interval '61 seconds' where id = ${owner}`.execute(database);
    expect(await leasesOf(other).claimOpen(5)).toMatchObject([{ id: order.id, attempts: 2 }]);
  });

  test('of our own that we do not work on end at our next claim', async () => {
    const order = await insert();
    const leases = leasesOf(await worker());
    const [claimed] = await leases.claimOpen(5);
    expect(await leases.claimOpen(5)).toEqual([]);
    leases.finished([order.id]);
    expect(await leases.claimOpen(5)).toMatchObject([{ id: claimed?.id, attempts: 2 }]);
  });

  test('of our own on a deleted order, which we do not know of, ends too: its removal waits for that', async () => {
    const order = await insert();
    const owner = await worker();
    const leases = leasesOf(owner);
    // The answer of the claim was lost: the row has the lease, the worker knows nothing of it.
    await sql`update orders set lease_owner = ${owner}, attempts = 1 where id = ${order.id}`.execute(database);
    await store.move([moveBy(order, 'deleted', '', { release: [SELF], attempts: 1 })]);
    expect(await createReleaseStore(database).claimDue(10, DEAD_AFTER)).toEqual([]);
    await leases.claimOpen(5);
    expect(await createReleaseStore(database).claimDue(10, DEAD_AFTER)).toHaveLength(1);
  });

  test('an order put back waits with its reason, and costs no attempt when nothing was asked', async () => {
    const order = await insert();
    const leases = leasesOf(await worker());
    await leases.claimOpen(5);
    await leases.putBack([wait(order)]);
    leases.finished([order.id]);
    expect(await get(order.id)).toMatchObject({ state: 'open', reason: 'no room', attempts: 0 });
    expect(await leases.claimOpen(5)).toEqual([]);
    expect(await leases.nextDue()).toBeGreaterThan(55_000);
  });

  test('waking voids the refusals of those who may have room now, and no others', async () => {
    const order = await insert();
    const leases = leasesOf(await worker());
    const refusal = (code: string, more = {}) => ({ until: new Date().toISOString(), code, reason: '', ...more });
    await leases.claimOpen(5);
    await leases.putBack([wait(order, { refusals: { [SELF]: refusal('quota-exceeded'), [PEER]: refusal('no-valid-host'), third: refusal('cloud-rejected'), fourth: refusal('conflict') } })]);
    leases.finished([order.id]);
    await leases.wakeWaiting([SELF, 'third', 'fourth']);
    const [claimed] = await leases.claimOpen(5);
    expect(claimed?.refusals).toEqual({ [PEER]: refusal('no-valid-host', { until: expect.any(String) }), third: refusal('cloud-rejected', { until: expect.any(String) }) });
  });

  test('waking leaves alone what is not valid yet, and who keeps a distance after failed boots', async () => {
    await insert({ validFrom: new Date(Date.now() + 3_600_000), notBeforeMs: 3_600_000 });
    const failed = await insert({ notBeforeMs: 3_600_000 });
    await sql`update orders set failed_boots = 1 where id = ${failed.id}`.execute(database);
    const leases = leasesOf(await worker());
    await leases.wakeWaiting([SELF]);
    expect(await leases.claimOpen(5)).toEqual([]);
  });
});

describe('releases', () => {
  const releases = () => createReleaseStore(database);

  test('wait while a live worker places the order, and go on when it is dead', async () => {
    const order = await insert();
    const owner = await worker();
    await createOrderLeases(database, owner, DEAD_AFTER).claimOpen(1);
    await store.move([moveBy(await get(order.id), 'deleted', 'unwanted', { release: [SELF] })]);
    expect(await releases().claimDue(10, DEAD_AFTER)).toEqual([]);
    await sql`update workers set seen_at = now() - interval '61 seconds'`.execute(database);
    expect(await releases().claimDue(10, DEAD_AFTER)).toEqual([{ orderId: order.id, kind: 'compute', incarnation: 1, member: SELF, attempts: 1 }]);
    expect(await releases().claimDue(10, DEAD_AFTER)).toEqual([]);
  });

  test('the last confirmation purges a deleted order and leaves its history', async () => {
    const order = await insert();
    await store.move([accepted(order)]);
    await store.move([moveBy(await get(order.id), 'deleted', 'unwanted', { release: [SELF, PEER] })]);
    for (const release of await releases().claimDue(10, DEAD_AFTER)) {
      await purgeDeleted(database, order.id);
      expect(await store.get(order.id)).toBeDefined();
      await releases().done(release);
    }
    await purgeDeleted(database, order.id);
    expect(await store.get(order.id)).toBeUndefined();
    expect((await store.history(order.id)).map((entry) => entry.event)).toEqual(['submitted', 'accepted-here', 'deleted', 'purged']);
  });

  test('purging leaves alone whatever is not deleted', async () => {
    const order = await insert();
    await purgeDeleted(database, order.id);
    expect(await store.get(order.id)).toBeDefined();
  });
});

describe('pages', () => {
  test('follow each other without gap or repetition while orders come and go', async () => {
    const list = createListOrders({ self: SELF, views: createOrderViews(database) });
    await store.insert(Array.from({ length: 25 }, () => newOrder()));
    await store.insert([newOrder({ owner: { id: 'mallory', name: 'M' } }), newOrder({ requester: PEER })]);
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await list({ id: 'alice', name: '' }, { limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.orders.map((order) => order.id));
      await insert();
      await sql`delete from orders where id = ${seen[0] as string}`.execute(database);
      if (!(cursor = page.next)) break;
    }
    expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
  });

  test.each(['rubbish', Buffer.from('2026-01-01 x').toString('base64url'), ''])('cursor %j is refused', async (cursor) => {
    await expect(createListOrders({ self: SELF, views: createOrderViews(database) })({ id: 'alice', name: '' }, { limit: 1, cursor })).rejects.toMatchObject({ code: 'bad-syntax' });
  });
});

describe('a worker process', () => {
  test('is dead before its first report and after its silence, by its own clock', () => {
    let uptime = 0;
    const life = createWorkerLife({ uptime: () => uptime }, 1000);
    expect([life.isAlive(), life.signal().aborted]).toEqual([false, true]);
    life.reported(0);
    expect([life.isAlive(), life.signal().aborted]).toEqual([true, false]);
    uptime = 800;
    expect(life.isAlive()).toBe(false);
    life.reported(800);
    expect(life.isAlive()).toBe(true);
  });

  test('loses its signal when nothing is heard, and gets another with the next report', async () => {
    const life = createWorkerLife(systemClock, 50);
    life.reported(systemClock.uptime());
    const signal = life.signal();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    life.reported(systemClock.uptime());
    expect(life.signal().aborted).toBe(false);
  });

  test('is in the list of workers until it stops', async () => {
    const workerId = randomUUID();
    const life = createWorkerLife(systemClock, DEAD_AFTER);
    const registry = await registerWorker({ database, workerId, name: 'one', deadAfterMs: DEAD_AFTER, clock: systemClock, life, log: silentLogger });
    expect([await count('workers'), life.isAlive()]).toEqual([1, true]);
    await registry.stop();
    expect(await count('workers')).toBe(0);
  });
});
