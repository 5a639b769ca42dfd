import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createOrderStore } from '../orders/order-store.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createPruneHistory } from './prune-history.js';

const HOUR = 3_600_000;

test('a member that is silent for long is remembered while something here is between it and us: else it could never be given up', async () => {
  const database = await openTestDatabase();
  const [asked, abroad, served] = [newOrder(), newOrder(), newOrder({ requester: 'requester' })];
  await createOrderStore(database).insert([asked, abroad, served]);
  await sql`update orders set state = 'fulfilled', provider = 'provider' where id = ${abroad.id}`.execute(database);
  await sql`insert into releases (order_id, kind, incarnation, member) values (${asked.id}, 'compute', 1, 'owing')`.execute(database);
  await sql`insert into members (id, last_seen) select id, now() - interval '3 hours' from unnest(array['nobody', 'provider', 'requester', 'owing']) as id`.execute(database);
  const prune = createPruneHistory({ database, keepFor: { historyMs: 2 * HOUR, removalsMs: 2 * HOUR, membersMs: 2 * HOUR } });
  await prune(new AbortController().signal);
  const { rows } = await sql<{ id: string }>`select id from members order by id`.execute(database);
  expect(rows.map(({ id }) => id)).toEqual(['owing', 'provider', 'requester']);
  await database.destroy();
});

test('what is older than it is kept is dropped, but for the history of orders that are there', async () => {
  const database = await openTestDatabase();
  const order = newOrder();
  await createOrderStore(database).insert([order]);
  const gone = randomUUID();
  await sql`insert into order_history (order_id, to_state, event, incarnation) select ${gone}, 'open', 'submitted', 1 from generate_series(1, 6000)`.execute(database);
  await sql`update order_history set at = now() - interval '3 hours'`.execute(database);
  await sql`insert into order_history (order_id, to_state, event, incarnation) values (${gone}, 'purged', 'purged', 1)`.execute(database);
  await sql`insert into removed_orders (requester, order_id, attempt, at) values ('b', ${randomUUID()}, 1, now() - interval '3 hours'), ('b', ${randomUUID()}, 1, now())`.execute(database);
  await sql`insert into members (id, last_seen) values ('old', now() - interval '3 hours'), ('young', now())`.execute(database);
  await sql`insert into workers (id, name, seen_at) values (${randomUUID()}, 'old', now() - interval '25 hours'), (${randomUUID()}, 'young', now())`.execute(database);
  await sql`insert into order_accounts (order_id, requester, owner_id, owner_name, kind) values (${gone}, 'a', 'u', 'u', 'compute'), (${randomUUID()}, 'a', 'u', 'u', 'compute')`.execute(database);
  await sql`insert into idempotency_keys (owner_id, key, fingerprint, order_ids, created_at) values ('u', 'old', '', '{}', now() - interval '25 hours'), ('u', 'young', '', '{}', now())`.execute(database);
  const prune = createPruneHistory({ database, keepFor: { historyMs: 2 * HOUR, removalsMs: 2 * HOUR, membersMs: 2 * HOUR } });
  expect(await prune(new AbortController().signal)).toBe(6005);
  const { rows } = await sql`select (select count(*) from order_history) as history, (select count(*) from removed_orders) as removals,
    (select string_agg(id, ',') from members) as members, (select string_agg(name, ',') from workers) as workers,
    (select string_agg(key, ',') from idempotency_keys) as keys, (select count(*) from order_accounts) as accounts`.execute(database);
  expect(rows).toEqual([{ history: 2, removals: 1, members: 'young', workers: 'young', keys: 'young', accounts: 2 }]);
  expect(await prune(new AbortController().signal)).toBe(0);
  await database.destroy();
});
