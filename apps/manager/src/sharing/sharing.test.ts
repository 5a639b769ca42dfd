import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { oneOf } from '@fogbow/request-model';
import type { Favours, Quota } from '@fogbow/request-model';
import type { CapacityController, CapacityRound } from '@fogbow/plugin-contracts';
import { silentLogger } from '@fogbow/service-runtime';
import { createSizeOf } from '../accounting/machine-size.js';
import { insertOrders } from '../orders/insert-orders.js';
import { createOrderStore } from '../orders/order-store.js';
import { PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createAdmitOrder, createCheckAdmitted, overLimit } from './admit-order.js';
import type { AdmitOptions } from './admit-order.js';
import { createCapacityStore, createLimitOf, createMeasureServed } from './capacity.js';
import { createKeptRoomStore } from './kept-room.js';
import { createReadHolders } from './read-holders.js';
import { createUpdateCapacity } from './update-capacity.js';

const THIRD = 'manager.c.test';
const sizeOf = createSizeOf([{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }, { name: 'large', vcpu: 4, ramMb: 8192, diskGb: 40 }]);
const SMALL = oneOf({ vcpu: 1, ramMb: 512 });

describe('sharing over a real database', () => {
  let database: Kysely<unknown>;
  beforeAll(async () => { database = await openTestDatabase(); });
  afterAll(() => database.destroy());
  beforeEach(() => sql`truncate orders, order_history, order_accounts, kept_room, memory, members, releases`.execute(database));

  const order = async (requester: string, flavor: string): Promise<string> => {
    const id = randomUUID();
    await insertOrders(database, [newOrder({ id, requester, spec: { flavor } })]);
    return id;
  };
  const atHome = async (requester: string, flavor: string): Promise<string> => {
    const id = await order(requester, flavor);
    await createOrderStore(database).move([{ id, from: 'open', incarnation: 1, events: ['accepted-here', 'ready'], reason: 'test', patch: { provider: SELF, instance: { id } } }]);
    return id;
  };

  it('keeps room for an order while that is open and the time lasts', async () => {
    const kept = createKeptRoomStore(database);
    const [waiting, gone, late] = [await order(SELF, 'small'), await atHome(SELF, 'small'), await order(SELF, 'small')];
    for (const id of [waiting, gone]) await kept.keep(id, SMALL, 60_000);
    await kept.keep(late, SMALL, 0);
    expect(await kept.list()).toEqual([{ orderId: waiting, amount: SMALL }]);
    await kept.keep(waiting, { ...SMALL, vcpu: 2 }, 60_000);
    expect(await kept.list()).toEqual([{ orderId: waiting, amount: { ...SMALL, vcpu: 2 } }]);
  });

  it('sees who has machines here, and which are being removed', async () => {
    const read = createReadHolders({ self: SELF, database, sizeOf });
    const [ours, theirs] = [await atHome(SELF, 'large'), await atHome(PEER, 'small')];
    await order(PEER, 'small');
    expect((await read.holders()).map(({ id, requester, amount }) => [id, requester, amount.vcpu]).sort()).toEqual([[ours, SELF, 4], [theirs, PEER, 1]].sort());
    expect(await read.leaving()).toMatchObject({ instances: 0, vcpu: 0 });
    await createOrderStore(database).move([{ id: ours, from: 'fulfilled', incarnation: 1, events: ['deleted'], reason: 'test', release: [SELF] }]);
    expect((await read.holders()).map(({ id }) => id)).toEqual([theirs]);
    expect(await read.leaving()).toMatchObject({ instances: 1, vcpu: 4 });
    expect(await read.isStuck()).toBe(false);
    await sql`update releases set since = now() - interval '2 minutes'`.execute(database);
    expect(await read.leaving()).toMatchObject({ instances: 0 });
    expect(await read.isStuck()).toBe(true);
    await sql`update releases set since = now() - interval '2 hours'`.execute(database);
    expect(await read.isStuck()).toBe(false);
  });

  it.each([['instances', 3], ['vcpu', 6]] as const)('measures what a member has here in %s', async (unit, wanted) => {
    await Promise.all([atHome(PEER, 'large'), atHome(PEER, 'small'), order(PEER, 'small'), atHome(SELF, 'large'), atHome(THIRD, 'large')]);
    expect(await createMeasureServed({ self: SELF, database, sizeOf, unit })(PEER)).toBe(wanted);
  });

  describe('the capacity of members', () => {
    const rounds: CapacityRound[] = [];
    const controller: CapacityController = {
      update: (round, before) => { rounds.push(round); return { limit: Number(before?.['limit'] ?? round.max) - 1 }; },
      limitOf: (_member, memory) => (memory === undefined ? Infinity : Number(memory['limit'])),
    };
    let now = new Date('2030-01-01');
    let quota: Quota | undefined = { limit: { instances: 10, vcpu: Infinity, ramMb: 0 }, used: SMALL };
    const favours: Record<string, Favours> = { [PEER]: { consumed: 1, donated: 2 } };
    const update = (plugin = 'one', unit: 'instances' | 'vcpu' = 'instances') => createUpdateCapacity({
      self: SELF, database, controller, unit, favours: () => Promise.resolve(favours), periodMs: 1000, clock: { now: () => now }, log: silentLogger,
      store: createCapacityStore(database, plugin, unit), room: () => Promise.resolve(quota),
    })(new AbortController().signal);
    const limit = (plugin = 'one', unit: 'instances' | 'vcpu' = 'instances') => createLimitOf(controller, createCapacityStore(database, plugin, unit))(PEER);
    const pass = (ms: number): void => { now = new Date(now.getTime() + ms); };

    it('is set anew once a period, among all members ever seen, and survives a restart', async () => {
      await sql`insert into members (id, last_seen) values (${PEER}, now()), (${THIRD}, now()), (${SELF}, now())`.execute(database);
      expect(await limit()).toBe(Infinity);
      await update();
      expect(rounds).toEqual([{ max: 10, favours: { [PEER]: favours[PEER], [THIRD]: { consumed: 0, donated: 0 } } }]);
      expect(await limit()).toBe(9);
      pass(500); // a process that starts meanwhile
      await update();
      expect(await limit()).toBe(9);
      pass(500);
      await update();
      expect(await limit()).toBe(8);
    });

    it('begins anew with another plugin or unit', async () => {
      await update();
      expect([await limit('two'), await limit('one', 'vcpu')]).toEqual([Infinity, Infinity]);
      await update('two');
      expect([await limit('two'), await limit('one')]).toEqual([9, Infinity]);
    });

    it('stays as it is while the cloud tells no limit', async () => {
      await update('one', 'vcpu');
      quota = undefined;
      await update();
      expect([await limit(), await limit('one', 'vcpu')]).toEqual([Infinity, Infinity]);
    });
  });
});

describe('taking an order in', () => {
  const admit = (changes: Partial<AdmitOptions>) => createAdmitOrder({
    self: SELF, sizeOf,
    unit: 'vcpu', limitOf: () => Promise.resolve(Infinity), measure: () => Promise.reject(new Error('not needed')), ...changes,
  });
  const wanted = { kind: 'compute', spec: { flavor: 'large' } } as const;

  it('is refused to members that are not admitted, with the reason', async () => {
    await expect(createCheckAdmitted({ mayBeServed: () => Promise.resolve({ allowed: false, reason: 'Not you.' }) })(PEER)).rejects.toMatchObject({ code: 'forbidden', message: 'Not you.' });
    await createCheckAdmitted({ mayBeServed: () => Promise.resolve({ allowed: true }) })(PEER);
  });

  it('asks for no measure where there is no limit', async () => {
    const takeIn = jest.fn(() => Promise.resolve());
    await admit({})(PEER, wanted, takeIn);
    expect(takeIn).toHaveBeenCalledTimes(1);
  });

  it('keeps many that come at once within the limit', async () => {
    let present = 0;
    const limited = admit({ limitOf: () => Promise.resolve(10), measure: () => Promise.resolve(present) });
    const taken = await Promise.allSettled([1, 2, 3, 4].map(() => limited(PEER, wanted, () => { present += 4; return Promise.resolve(); })));
    expect(taken.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(taken[3]).toMatchObject({ reason: { code: 'quota-exceeded', message: 'manager.b.test has 8 of the 10 vCPUs that it may have here by our policy, and wants 4 more.' } });
  });

  it('lets volumes pass a limit of machines', async () => {
    const takeIn = jest.fn(() => Promise.resolve());
    await admit({ limitOf: () => Promise.resolve(0), measure: () => Promise.resolve(3) })(PEER, { kind: 'storage', spec: { sizeGb: 5 } }, takeIn);
    expect(takeIn).toHaveBeenCalledTimes(1);
  });

  it('goes on after one that could not be taken in', async () => {
    const limited = admit({ limitOf: () => Promise.resolve(10), measure: () => Promise.resolve(0) });
    await expect(limited(PEER, wanted, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await limited(PEER, wanted, () => Promise.resolve());
  });

  it.each([[1, 0, 1, false], [1, 1, 1, true], [4, 0, 3.999, true], [1, 0, 0, true], [0, 5, 1, false]])('%d more beside %d of %d is too much: %s', (more, present, limit, isTooMuch) => {
    expect(overLimit(PEER, more, present, limit, 'instances') !== undefined).toBe(isTooMuch);
  });
});
