import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { insertOrders } from '../orders/insert-orders.js';
import { createListAccounting } from './list-accounting.js';
import { createSizeOf } from './machine-size.js';
import { createPowerOf, createReadFavours, sumFavours, withoutHaste } from './read-favours.js';
import { readUse } from './read-use.js';

const THIRD = 'manager.c.test';
const BENCHMARK = { powerOf: ({ vcpu }: { vcpu: number }) => vcpu };
const sizeOf = createSizeOf([{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }, { name: 'large', vcpu: 4, ramMb: 8192, diskGb: 40 }]);
const powerOf = createPowerOf(sizeOf, BENCHMARK);

describe('accounts over a real history', () => {
  let database: Kysely<unknown>;
  beforeAll(async () => { database = await openTestDatabase(); });
  afterAll(() => database.destroy());
  beforeEach(() => sql`truncate orders, order_history, order_accounts`.execute(database));

  /** An order for a machine of that flavor, or a volume of that size, with the moves of its life: to a state, at a provider, at a second. */
  async function lived(requester: string, what: string | number | undefined, moves: readonly [string, string | undefined, number][], owner = 'alice'): Promise<string> {
    const id = randomUUID();
    const wish = typeof what === 'number' ? { kind: 'storage' as const, spec: { sizeGb: what } } : { spec: what ? { flavor: what } : {} };
    await insertOrders(database, [newOrder({ id, requester, owner: { id: owner, name: owner }, ...wish })]);
    for (const [state, provider, second] of moves) {
      await sql`insert into order_history (order_id, requester, owner_id, kind, to_state, event, provider, incarnation, at)
        values (${id}, ${requester}, ${owner}, 'compute', ${state}, 'x', ${provider ?? null}, 1, timestamptz '2026-01-01' + make_interval(secs => ${second}))`.execute(database);
    }
    return id;
  }
  const favours = () => createReadFavours({ self: SELF, database, powerOf })();

  it('counts what others did for us and we for them, to the second', async () => {
    await lived(SELF, 'large', [['pending', PEER, 0], ['spawning', PEER, 10], ['fulfilled', PEER, 60], ['closed', PEER, 120.5]]);
    await lived(SELF, 'small', [['fulfilled', PEER, 0], ['open', undefined, 60], ['fulfilled', THIRD, 70], ['deleted', THIRD, 130], ['purged', THIRD, 500]]);
    await lived(PEER, 'small', [['fulfilled', SELF, 0], ['closed', SELF, 30]], 'bob');
    await lived(SELF, 'large', [['fulfilled', SELF, 0], ['closed', SELF, 1000]]);
    await lived(SELF, 100, [['fulfilled', PEER, 0], ['closed', PEER, 1000]]);
    expect(await favours()).toEqual({ [PEER]: { consumed: 4 * 60.5 / 60 + 1, donated: 0.5 }, [THIRD]: { consumed: 1, donated: 0 } });
  });

  it('survives the order, and counts what still runs to this moment', async () => {
    const gone = await lived(PEER, 'small', [['fulfilled', SELF, 0], ['deleted', SELF, 60]]);
    await sql`delete from orders where id = ${gone}`.execute(database);
    await lived(THIRD, 'small', [['fulfilled', SELF, 0]]);
    const { rows: [row] } = await sql<{ minutes: string }>`select extract(epoch from now() - timestamptz '2026-01-01') / 60 as minutes`.execute(database);
    const { [PEER]: peer, [THIRD]: third } = await favours();
    expect(peer).toEqual({ consumed: 0, donated: 1 });
    expect(Math.abs((third?.donated ?? 0) - Number(row?.minutes))).toBeLessThan(1);
  });

  it('takes the power 1 for a size that only the provider knows', async () => {
    await lived(SELF, 'theirs', [['fulfilled', PEER, 0], ['closed', PEER, 60]]);
    expect(await favours()).toEqual({ [PEER]: { consumed: 1, donated: 0 } });
  });

  it('lists a line for each user, requester and provider, kind and size', async () => {
    for (const seconds of [10, 20]) await lived(SELF, 'large', [['fulfilled', PEER, 0], ['closed', PEER, seconds]]);
    await lived(SELF, 'theirs', [['fulfilled', PEER, 0], ['closed', PEER, 5]]);
    await lived(SELF, 'small', [['fulfilled', SELF, 0], ['closed', SELF, 7]], 'bob');
    const list = createListAccounting({ database, sizeOf, powerOf });
    await lived(SELF, 20, [['fulfilled', PEER, 0], ['closed', PEER, 3]]);
    const alice = { kind: 'compute', gbSeconds: 0, user: 'alice', requestingMember: SELF, providingMember: PEER, seconds: 35, vcpuSeconds: 120, powerSeconds: 125 };
    const volume = { kind: 'storage', user: 'alice', requestingMember: SELF, providingMember: PEER, seconds: 3, vcpuSeconds: 0, powerSeconds: 0, gbSeconds: 60 };
    expect(await list()).toEqual([alice, { kind: 'compute', user: 'bob', requestingMember: SELF, providingMember: SELF, seconds: 7, vcpuSeconds: 7, powerSeconds: 7, gbSeconds: 0 }, volume]);
    expect(await list({ requester: SELF, provider: PEER })).toEqual([alice, volume]);
    expect(await list({ kind: 'storage' })).toEqual([volume]);
    expect(await readUse(database, { requester: PEER, provider: SELF })).toEqual([]);
  });

  it('adds measured machines up, however many powers there are, beside those that were not', async () => {
    const ids = await Promise.all([10, 20, 40].map((seconds) => lived(PEER, 'large', [['fulfilled', SELF, 0], ['closed', SELF, seconds]])));
    for (const [index, power] of [2.5, 0.5].entries()) await sql`update order_history set power = ${power} where order_id = ${ids[index]} and to_state = 'fulfilled'`.execute(database);
    expect(await readUse(database)).toEqual([expect.objectContaining({ seconds: 70, unmeasuredSeconds: 40, measuredPowerSeconds: 35 })]);
    expect(await createListAccounting({ database, sizeOf, powerOf })()).toMatchObject([{ seconds: 70, vcpuSeconds: 280, powerSeconds: 195 }]);
    expect(await favours()).toEqual({ [PEER]: { consumed: 0, donated: 195 / 60 } });
  });

  it('reads again after a moment and after a failure only', async () => {
    let now = 0;
    let isAway = false;
    const plain = createReadFavours({ self: SELF, database, powerOf });
    const read = withoutHaste(() => (isAway ? Promise.reject(new Error('away')) : plain()), { uptime: () => now });
    const first = await read();
    await lived(PEER, 'small', [['fulfilled', SELF, 0], ['closed', SELF, 60]]);
    now = 1999;
    expect(await read()).toBe(first);
    now = 2000;
    isAway = true;
    await expect(read()).rejects.toThrow('away');
    isAway = false;
    expect(await read()).toEqual({ [PEER]: { consumed: 0, donated: 1 } });
  });
});

it('favours of all members towards each other sum to nothing', () => {
  const member = fc.constantFrom<string>('a', 'b', 'c');
  const use = fc.record({ kind: fc.constant('compute' as const), sizeGb: fc.constant(0), measuredPowerSeconds: fc.double({ min: 0, max: 100, noNaN: true }), unmeasuredSeconds: fc.nat(1000), owner: fc.constant('u'), requester: member, provider: member, flavor: fc.constantFrom('small', 'large', null), requirements: fc.constant(null), seconds: fc.nat(1000) });
  fc.assert(fc.property(fc.array(use), (uses) => {
    const debts = ['a', 'b', 'c'].flatMap((self) =>
      Object.values(sumFavours(uses.filter(({ requester, provider }) => requester !== provider && [requester, provider].includes(self)), self, powerOf)).map(({ consumed, donated }) => consumed - donated));
    expect(debts.reduce((sum, debt) => sum + debt, 0)).toBeCloseTo(0);
  }));
});
