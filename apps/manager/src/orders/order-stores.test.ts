import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { PEER, SELF } from '../testing/make-order.js';
import { openDatabaseLab, openMemoryLab } from '../testing/open-store-labs.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { describeOrderStores } from '../testing/order-stores-suite.js';
import { createListOrders } from './list-orders.js';
import { createOrderStore } from './order-store.js';
import { createOrderViews } from './order-views.js';
import { createWorkerLife } from './worker-life.js';
import { registerWorker } from './worker-registry.js';

describeOrderStores('the stores in the database', openDatabaseLab);
describeOrderStores('the stores in memory', openMemoryLab);

const DEAD_AFTER = 60_000;
let database: Kysely<unknown>;
beforeAll(async () => { database = await openTestDatabase(); });
afterAll(() => database.destroy());

describe('pages', () => {
  const insert = (changes = {}): Promise<void> => createOrderStore(database).insert([newOrder(changes)]);
  const list = () => createListOrders({ self: SELF, views: createOrderViews(database) });
  beforeEach(() => sql`truncate orders, order_history`.execute(database));

  test('follow each other without gap or repetition while orders come and go', async () => {
    for (const changes of [...Array.from({ length: 25 }, () => ({})), { owner: { id: 'mallory', name: 'M' } }, { requester: PEER }]) await insert(changes);
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await list()({ id: 'alice', name: '' }, { limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.orders.map((order) => order.id));
      await insert();
      await sql`delete from orders where id = ${seen[0] as string}`.execute(database);
      if (!(cursor = page.next)) break;
    }
    expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
  });

  test.each(['rubbish', Buffer.from('2026-01-01 x').toString('base64url'), ''])('cursor %j is refused', async (cursor) => {
    await expect(list()({ id: 'alice', name: '' }, { limit: 1, cursor })).rejects.toMatchObject({ code: 'bad-syntax' });
  });
});

describe('a worker process', () => {
  const count = async (): Promise<number> => (await sql<{ n: number }>`select count(*) as n from workers`.execute(database)).rows[0]?.n ?? -1;

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
    expect([await count(), life.isAlive()]).toEqual([1, true]);
    await registry.stop();
    expect(await count()).toBe(0);
  });
});
