import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createCheckpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createDeleteOrder } from './delete-order.js';
import { insertOrders } from './insert-orders.js';
import { moveBy } from './order-move.js';
import { createOrderStore } from './order-store.js';
import { createReleaseStore, purgeDeleted } from './release-store.js';

let database: Kysely<unknown>;
beforeAll(async () => { database = await openTestDatabase(); });
afterAll(() => database.destroy());
beforeEach(() => sql`truncate orders, order_history, releases`.execute(database));

const remove = (id: string): Promise<unknown> => createDeleteOrder({
  self: SELF, store: createOrderStore(database), releases: createReleaseStore(database), purge: (orderId) => purgeDeleted(database, orderId),
  wakeUp: () => undefined, checkpoints: createCheckpoints<CrashStep>(undefined),
})({ id: 'alice', name: 'Alice' }, id).then(() => 'gone', (error: unknown) => error);

const [machine, volume] = [newOrder(), newOrder({ kind: 'storage', spec: { sizeGb: 1 } })];
const link = newOrder({ kind: 'attachment', spec: { attachment: { computeOrderId: machine.id, volumeOrderId: volume.id } } });

async function isSomebodyBlocked(): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(database);
  return rows.length > 0;
}

describe('what others need', () => {
  beforeEach(() => insertOrders(database, [machine, volume]));

  test('does not go while who needs it is being stored', async () => {
    let answer: unknown;
    const removing = await database.transaction().execute(async (transaction) => {
      await insertOrders(transaction, [link]);
      const work = remove(volume.id).then((told) => { answer = told; });
      while (answer === undefined && !await isSomebodyBlocked()) await new Promise(setImmediate);
      return { work };
    });
    await removing.work;
    expect(answer).toMatchObject({ code: 'conflict', ids: [link.id] });
    expect((await createOrderStore(database).get(volume.id))?.state).toBe('open');
  });

  test('is gone for who comes while it goes', async () => {
    const store = createOrderStore(database);
    let stored = false;
    const storing = await database.transaction().execute(async (transaction) => {
      await createOrderStore(transaction).move([moveBy({ ...volume, state: 'open' }, 'deleted', 'gone')]);
      await sql`select 1 from orders where id = ${volume.id} for update`.execute(transaction);
      const work = store.insert([link]).then(() => { stored = true; });
      while (!stored && !await isSomebodyBlocked()) await new Promise(setImmediate);
      return { work, wasStored: stored };
    });
    await storing.work;
    expect([storing.wasStored, (await store.get(volume.id))?.state]).toEqual([false, 'deleted']);
  });

  test('goes when they are gone, and does not hold up who needs something else', async () => {
    await insertOrders(database, [link]);
    expect(await remove(volume.id)).toMatchObject({ code: 'conflict', ids: [link.id], message: `The volume is in use by attachment ${link.id}; delete that first.` });
    expect([await remove(link.id), await remove(volume.id), await remove(machine.id)]).toEqual(['gone', 'gone', 'gone']);
  });

  test('can be taken up by many at once while it moves', async () => {
    const many = Array.from({ length: 20 }, () => newOrder({ spec: { networkOrderIds: [machine.id, volume.id] } }));
    const store = createOrderStore(database);
    await Promise.all([...many.map((one) => store.insert([one])), ...Array.from({ length: 10 }, () => store.move([moveBy({ ...machine, state: 'open' }, 'sent-away', 'asked'), moveBy({ ...volume, state: 'open' }, 'sent-away', 'asked')]))]);
    expect(await store.getMany(many.map(({ id }) => id))).toHaveLength(20);
  });
});
