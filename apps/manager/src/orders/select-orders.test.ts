import fc from 'fast-check';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { ORDER_STATES, ORDER_TYPES, RESOURCE_KINDS } from '@fogbow/request-model';
import { PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderStore } from './order-store.js';
import { createOrderViews } from './order-views.js';
import type { ListFilter } from './select-orders.js';

interface Row { id: string; batchId: string; state: string; kind: string; type: string; provider: string | null; createdAt: Date }

const BATCHES = ['b0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000002'];
const ORDERS = 120;
let database: Kysely<unknown>;
let rows: Row[];
beforeAll(async () => {
  database = await openTestDatabase();
  const pick = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;
  const orders = Array.from({ length: ORDERS }, (_, index) => newOrder({ batchId: pick(BATCHES, index), kind: pick(RESOURCE_KINDS, index >> 1), type: pick(ORDER_TYPES, index >> 3) }));
  await createOrderStore(database).insert([...orders, newOrder({ owner: { id: 'bob', name: 'Bob' } }), newOrder({ requester: PEER })]);
  // Few different times, so that ids decide too.
  for (const [index, { id }] of orders.entries()) {
    await sql`update orders set state = ${pick(ORDER_STATES, index * 5)}, provider = ${pick([SELF, PEER, null], index)},
      created_at = '2026-01-01T00:00:00.500Z'::timestamptz + make_interval(secs => ${index % 40}) where id = ${id}`.execute(database);
  }
  rows = (await sql<Row>`select id, batch_id as "batchId", state, kind, type, provider, created_at as "createdAt" from orders where owner_id = 'alice' and requester = ${SELF}`.execute(database)).rows;
});
afterAll(() => database.destroy());

const filters = fc.record({
  states: fc.subarray([...ORDER_STATES], { minLength: 1 }), kind: fc.constantFrom(...RESOURCE_KINDS), type: fc.constantFrom(...ORDER_TYPES),
  provider: fc.constantFrom(SELF, PEER), batchId: fc.constantFrom(...BATCHES), oldestFirst: fc.boolean(),
}, { requiredKeys: [] });

function expected({ states, kind, type, provider, batchId, oldestFirst }: Partial<ListFilter>): string[] {
  const found = rows.filter((row) => (!states || (states as readonly string[]).includes(row.state)) && (!kind || row.kind === kind) && (!type || row.type === type)
    && (!provider || row.provider === provider) && (!batchId || row.batchId === batchId));
  const sign = oldestFirst ? 1 : -1;
  return found.sort((a, b) => sign * (a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))).map(({ id }) => id);
}

test('pages of any filter, put together, are what the filter says, in order', async () => {
  const views = createOrderViews(database);
  await fc.assert(fc.asyncProperty(filters, fc.constantFrom(1, 7, 51, 200), async (filter, limit) => {
    const seen: string[] = [];
    for (let after: ListFilter['after']; ;) {
      const page = await views.list({ requester: SELF, ownerId: 'alice', ...filter, limit, ...(after ? { after } : {}) });
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1);
      if (!after || page.length < limit) break;
    }
    expect(seen).toEqual(expected(filter));
  }), { numRuns: 60 });
});

test('what lists show of an order is what the order is', async () => {
  const store = createOrderStore(database);
  const listed = await createOrderViews(database).list({ requester: SELF, ownerId: 'alice', limit: 51 });
  for (const order of listed) {
    const whole: Partial<Record<string, unknown>> = { ...await store.get(order.id) };
    // The one names its columns, the other takes all that there are.
    expect([whole]).toEqual(await store.getMany([order.id]));
    expect(order).toEqual(Object.fromEntries(Object.keys(order).map((field) => [field, whole[field]])));
  }
});

test('orders that are asked for together are shown to their owners only, each with its own history', async () => {
  const [store, views] = [createOrderStore(database), createOrderViews(database)];
  const [first = '', second = ''] = rows.map(({ id }) => id);
  await sql`insert into order_history (order_id, from_state, to_state, event, incarnation) values (${second}, 'open', 'failed', 'refused', 1)`.execute(database);
  const ask = (id: string, ownerId = 'alice', requester = SELF) => views.show({ requester, ownerId }, id);
  const [mine, again, other, bobs, peers, nobodys] = await Promise.all([ask(first), ask(first), ask(second), ask(first, 'bob'), ask(first, 'alice', PEER), ask(BATCHES[0] ?? '')]);
  expect(mine).toEqual({ order: await store.get(first), history: await store.history(first) });
  expect(again).toEqual(mine);
  expect(other).toEqual({ order: await store.get(second), history: await store.history(second) });
  expect([bobs, peers, nobodys]).toEqual([undefined, undefined, undefined]);
});

test('pages by id can leave out the orders of one member', async () => {
  const store = createOrderStore(database);
  expect((await store.inStates(['open'], '', 500, SELF)).map(({ requester }) => requester)).toEqual([PEER]);
  expect((await store.inStates(['open'], '', 500, PEER)).every(({ requester }) => requester === SELF)).toBe(true);
});
