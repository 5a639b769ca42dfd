import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { limitTime } from '@fogbow/plugin-contracts';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { migrate, openDatabase } from '@fogbow/storage';
import { createOrderStore } from '../orders/order-store.js';
import { moveBy } from '../orders/order-move.js';
import { purgeDeleted } from '../orders/release-store.js';
import { MIGRATIONS } from '../storage/migrations.js';
import { SELF } from '../testing/make-order.js';
import { newOrder } from '../testing/open-test-database.js';
import { createDatabase } from '../testing/start-manager.js';
import { listenForMoves } from './listen-for-moves.js';
import { createOrderFeed } from './order-feed.js';
import type { OrderFeed } from './order-feed.js';
import { createRecentNotices } from './recent-notices.js';
import type { OwnedNotice } from './order-notice.js';

const never = new AbortController().signal;
const ALICE = { ownerId: 'alice' };
const INSERT = `insert into order_history (order_id, requester, owner_id, batch_id, kind, to_state, event, incarnation)
  values ($1, '${SELF}', $2, $1, 'compute', 'open', 'submitted', 1) returning id`;

let url: string;
let database: Kysely<unknown>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  url = await createDatabase();
  database = openDatabase<unknown>({ url, maxConnections: 6, onError: () => undefined });
  await migrate(database, MIGRATIONS);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => database.destroy());

/** A feed as a process has it: woken by the database only, so that a lost notification would show as a test that hangs. */
function openFeed(options: { readonly capacity?: number } = {}): OrderFeed {
  const feed = createOrderFeed({ self: SELF, database, clock: systemClock, log: silentLogger, pollMs: 3_600_000, ...options });
  const ears = listenForMoves({ databaseUrl: url, clock: systemClock, log: silentLogger, onMoves: () => feed.wake() });
  closing.push(() => Promise.resolve(ears.stop()), () => feed.stop());
  return feed;
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  closing.push(() => client.end().catch(() => undefined));
  return client;
}

const write = async (client: pg.Client, owner = 'alice'): Promise<number> => Number((await client.query<{ id: number }>(INSERT, [randomUUID(), owner])).rows[0]?.id);

/** Reads until the position is reached. */
async function readUpTo(feed: OrderFeed, after: number, end: number, limit = 100): Promise<number[]> {
  const seen: number[] = [];
  for (let at = after; at < end;) {
    const page = await feed.read(ALICE, at, limit);
    seen.push(...page.notices.map(({ position }) => position));
    at = page.upTo;
    if (page.notices.length < limit && at < end) await feed.whenBeyond(at, new AbortController().signal);
  }
  return seen;
}

test('a line that is committed after one with a larger number is not passed over', async () => {
  const feed = openFeed();
  const [early, late] = [await connect(), await connect()];
  const { position, leave } = await feed.join(undefined, never);
  await late.query('begin');
  const first = await write(late);
  const second = await write(early);
  expect(second).toBeGreaterThan(first);
  const coming = readUpTo(feed, position, second);
  // A feed that went by what it can see would deliver the second now; this one is still waiting after several looks.
  await expect(Promise.race([coming, systemClock.sleep(300).then(() => 'waits')])).resolves.toBe('waits');
  expect((await feed.read(ALICE, position, 10)).notices).toEqual([]);
  await late.query('commit');
  expect(await coming).toEqual([first, second]);
  leave();
});

test('a transaction that takes a number and gives up holds nobody up for ever, and other tables hold up nobody at all', async () => {
  const feed = openFeed();
  const [giving, other, writer] = [await connect(), await connect(), await connect()];
  const { position, leave } = await feed.join(undefined, never);
  await other.query(`begin; insert into members values ('${randomUUID()}', now())`);
  await giving.query('begin');
  await write(giving);
  const second = await write(writer);
  const coming = readUpTo(feed, position, second);
  await giving.query('rollback');
  expect(await coming).toEqual([second]);
  await other.query('rollback');
  leave();
});

test('who joins a feed at rest starts behind what is settled, and a writer that is at it is not lost', async () => {
  const feed = openFeed();
  const [slow, quick] = [await connect(), await connect()];
  await write(quick);
  await slow.query('begin');
  const first = await write(slow);
  const joining = feed.join(undefined, never);
  const second = await write(quick);
  await slow.query('commit');
  const { position, leave } = await joining;
  const seen = await readUpTo(feed, Math.min(position, first - 1), second);
  expect(seen).toEqual([first, second]);
  leave();
});

test('a position ahead of everything is refused', async () => {
  const feed = openFeed();
  await expect(feed.join(1_000_000_000, never)).rejects.toMatchObject({ code: 'unsupported-attribute' });
});

test('every life of an order is told with its owner, also when the order is purged', async () => {
  const store = createOrderStore(database);
  const feed = openFeed();
  const { position, leave } = await feed.join(undefined, never);
  const [order, served] = [newOrder(), newOrder({ requester: 'manager.b.test' })];
  await store.insert([order, served]);
  await store.move([moveBy({ id: order.id, state: 'open', incarnation: 1 }, 'deleted', 'enough of it')]);
  await purgeDeleted(database, order.id);
  const { rows } = await sql<{ end: number }>`select max(id) as end from order_history`.execute(database);
  await feed.whenBeyond((rows[0]?.end ?? 0) - 1, never);
  const { notices } = await feed.read(ALICE, position, 10);
  expect(notices.map(({ from, to, event }) => [from, to, event])).toEqual([[null, 'open', 'submitted'], ['open', 'deleted', 'deleted'], ['deleted', 'purged', 'purged']]);
  expect(notices[1]).toMatchObject({ orderId: order.id, batchId: order.batchId, kind: 'compute', reason: 'enough of it', incarnation: 1, provider: null });
  for (const filter of [{ orderId: order.id }, { batchId: order.batchId }]) expect((await feed.read({ ...ALICE, ...filter }, position, 10)).notices).toHaveLength(3);
  for (const filter of [{ orderId: randomUUID() }, { batchId: randomUUID() }]) expect((await feed.read({ ...ALICE, ...filter }, 0, 10)).notices).toEqual([]);
  expect((await feed.read({ ownerId: 'mallory' }, position, 10)).notices).toEqual([]);
  leave();
});

test('history that was there before is given its owner', async () => {
  const old = openDatabase<unknown>({ url: await createDatabase(), maxConnections: 2, onError: () => undefined });
  await migrate(old, MIGRATIONS.filter(({ name }) => name < '0003'));
  const id = randomUUID();
  await sql`insert into orders (id, batch_id, kind, type, state, owner_id, owner_name, requester, spec) values (${id}, ${id}, 'compute', 'one-time', 'open', 'alice', 'Alice', 'a', '{}')`.execute(old);
  await sql`insert into order_history (order_id, to_state, event, incarnation) values (${id}, 'open', 'submitted', 1), (${randomUUID()}, 'purged', 'purged', 1)`.execute(old);
  await migrate(old, MIGRATIONS);
  expect((await sql`select owner_id, requester, batch_id, kind from order_history order by id`.execute(old)).rows).toEqual([
    { owner_id: 'alice', requester: 'a', batch_id: id, kind: 'compute' }, { owner_id: null, requester: null, batch_id: null, kind: null },
  ]);
  await old.destroy();
});

/** One transaction of a writer: so many lines, kept open across so many turns of the others, and whether it is kept in the end. */
const transaction = fc.record({ lines: fc.integer({ min: 1, max: 3 }), pause: fc.integer({ min: 0, max: 12 }), isKept: fc.boolean() });
const scenario = fc.record({
  writers: fc.array(fc.array(transaction, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 }),
  readers: fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
});

test('whoever writes beside whom and whenever readers come back, in whichever process: everything once and in order', async () => {
  const clients = await Promise.all([1, 2, 3, 4].map(() => connect()));
  // Two processes; the second forgets almost everything at once, so that its readers read the database.
  const feeds = [openFeed(), openFeed({ capacity: 1 })];
  await fc.assert(fc.asyncProperty(scenario, async ({ writers, readers }) => {
    const joined = await Promise.all(feeds.map((feed) => feed.join(undefined, never)));
    const start = Math.max(...joined.map(({ position }) => position));
    const done = new AbortController();
    const writing = Promise.all(writers.map(async (transactions, index) => {
      const client = clients[index] as pg.Client;
      for (const { lines, pause, isKept } of transactions) {
        await client.query('begin');
        for (let line = 0; line < lines; line += 1) await write(client);
        await systemClock.sleep(pause);
        await client.query(isKept ? 'commit' : 'rollback');
      }
    }));
    const reading = readers.map(async (pages) => {
      const seen: number[] = [];
      let at = start;
      for (let turn = 0; ; turn += 1) {
        // Another connection to another process every time; what a reader has is its position.
        const feed = feeds[turn % feeds.length] as OrderFeed;
        const { leave } = await feed.join(at, never);
        const page = await feed.read(ALICE, at, pages[turn % pages.length] ?? 1);
        seen.push(...page.notices.map(({ position }) => position));
        // A client knows the last notice it saw and nothing beyond.
        at = page.notices.at(-1)?.position ?? at;
        leave();
        if (page.notices.length === 0) {
          if (done.signal.aborted && turn > 0 && page.upTo >= end) return seen;
          await feed.whenBeyond(page.upTo, limitTime(done.signal, 20));
        }
      }
    });
    let end = Infinity;
    await writing;
    const { rows } = await sql<{ id: number }>`select id from order_history where id > ${start} order by id`.execute(database);
    end = rows.at(-1)?.id ?? start;
    done.abort();
    for (const seen of await Promise.all(reading)) expect(seen).toEqual(rows.map(({ id }) => id));
    for (const { leave } of joined) leave();
  }), { numRuns: 12 });
}, 60_000);

test('a feed whose notifications are cut hears again, and two hundred readers of a process share its reads', async () => {
  const feed = openFeed();
  const writer = await connect();
  const { position, leave } = await feed.join(undefined, never);
  const first = await write(writer);
  await feed.whenBeyond(first - 1, never);
  await writer.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`);
  const last = await write(writer);
  const readers = Array.from({ length: 200 }, () => readUpTo(feed, position, last));
  for (const seen of await Promise.all(readers)) expect(seen).toEqual([first, last]);
  leave();
});

test('recent notices are those that were added last', () => {
  const make = (position: number, ownerId = 'alice'): OwnedNotice => ({
    ownerId, notice: { position, orderId: 'o', batchId: 'b', kind: 'compute', from: null, to: 'open', event: 'submitted', reason: null, at: '', provider: null, incarnation: 1 },
  });
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 50 })), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 9 }), (ids, capacity, after, limit) => {
    const positions = ids.sort((a, b) => a - b);
    const recent = createRecentNotices(0, capacity);
    for (const id of positions) recent.add([make(id, id % 3 === 0 ? 'mallory' : 'alice')]);
    expect(recent.since).toBe(positions.at(-capacity - 1) ?? 0);
    if (after < recent.since) return;
    expect(recent.after(after, limit, ALICE).map(({ position }) => position)).toEqual(positions.filter((id) => id > after && id % 3 !== 0).slice(0, limit));
  }));
});
