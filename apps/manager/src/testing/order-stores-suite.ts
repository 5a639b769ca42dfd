import { randomUUID } from 'node:crypto';
import type { MemberStore } from '../members/member-store.js';
import type { OrderLeases } from '../orders/claim-orders.js';
import { moveBy, reopened } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { ReleaseStore } from '../orders/release-store.js';
import type { ServedBooks } from '../peers/served-books.js';
import { PEER, SELF } from './make-order.js';
import { newOrder } from './open-test-database.js';

/** The stores of one member and what a test does to them behind their back. */
export interface StoreLab {
  readonly store: OrderStore;
  readonly releases: ReleaseStore;
  readonly served: ServedBooks;
  readonly members: MemberStore;
  leases(workerId: string, deadAfterMs: number): OrderLeases;
  purge(orderId?: string): Promise<void>;
  /** A worker reported so many seconds ago. */
  heard(workerId: string, secondsAgo: number): Promise<void>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

const DEAD_AFTER = 60_000;

/** What every place for orders must do: the database's and the one in memory that the simulation runs on. Call inside a test file. */
export function describeOrderStores(name: string, open: () => Promise<StoreLab>): void {
  describe(name, () => {
    let lab: StoreLab;
    let store: OrderStore;
    beforeAll(async () => {
      lab = await open();
      ({ store } = lab);
    });
    afterAll(() => lab.close());
    beforeEach(() => lab.empty());

    const get = async (id: string): Promise<OrderRecord> => (await store.get(id)) as OrderRecord;
    const insert = async (...changes: Parameters<typeof newOrder>): Promise<OrderRecord> => {
      const order = newOrder(...changes);
      await store.insert([order]);
      return await get(order.id);
    };
    const accepted = (order: OrderRecord) => moveBy(order, 'accepted-here', 'taken', { patch: { provider: SELF, instance: { id: 'vm' } }, attempts: order.attempts });
    const worker = async (): Promise<string> => {
      const id = randomUUID();
      await lab.heard(id, 0);
      return id;
    };
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
        expect([(await store.history(order.id)).length, await lab.releases.claimDue(10, DEAD_AFTER)]).toEqual([1, []]);
      });

      test('of one order that come together are applied once', async () => {
        const order = await insert();
        const results = await Promise.all(Array.from({ length: 8 }, () => store.move([accepted(order)])));
        expect(results.filter((moved) => moved.has(order.id))).toHaveLength(1);
        expect(await store.history(order.id)).toHaveLength(2);
      });

      test('write down in the same statement what must be removed', async () => {
        const order = await insert();
        await store.move([accepted(order)]);
        await store.move([moveBy(await get(order.id), 'boot-failed', 'gone', { patch: reopened(order), release: [SELF, PEER] })]);
        const owed = (await lab.releases.claimDue(10, DEAD_AFTER)).sort((left, right) => (left.member < right.member ? -1 : 1));
        expect(owed).toEqual([SELF, PEER].map((member) => ({ orderId: order.id, kind: 'compute', incarnation: 1, member, attempts: 1 })));
        expect(await get(order.id)).toMatchObject({ state: 'open', incarnation: 2, attempts: 0 });
      });

      test('that are illegal are a fault of ours, before anything is asked of the database', async () => {
        await expect((async () => await store.move([moveBy(await insert(), 'ready', 'no')]))()).rejects.toMatchObject({ code: 'internal' });
      });

      test('an id that is inserted twice is one order with one history', async () => {
        const order = newOrder();
        await Promise.all([store.insert([order]), store.insert([order]), store.insert([order])]);
        expect([(await store.getMany([order.id, order.id])).length, (await store.history(order.id)).length]).toEqual([1, 1]);
      });
    });

    test('an id is not taken again by somebody else, or for something else, after its order has gone', async () => {
      const { id } = await insert();
      await store.move([moveBy(await get(id), 'deleted', 'unwanted')]);
      await lab.purge(id);
      await store.insert([newOrder({ id, requester: PEER })]);
      await store.insert([newOrder({ id, kind: 'storage', spec: { sizeGb: 1 } })]);
      expect(await store.get(id)).toBeUndefined();
      await store.insert([newOrder({ id })]);
      expect(await store.get(id)).toMatchObject({ id, state: 'open' });
    });

    describe('words', () => {
      test('say anew why an order is where it is, unless it has moved', async () => {
        const order = await insert();
        await store.explain([{ id: order.id, state: 'open', incarnation: 1, reason: 'still' }, { id: randomUUID(), state: 'open', incarnation: 1, reason: 'nobody' }]);
        expect(await get(order.id)).toMatchObject({ reason: 'still' });
        for (const moved of [{ state: 'pending' as const, incarnation: 1 }, { state: 'open' as const, incarnation: 2 }]) await store.explain([{ id: order.id, reason: 'late', ...moved }]);
        expect(await get(order.id)).toMatchObject({ reason: 'still' });
      });

      test('tell where services are reached, of the instance that is there and no other', async () => {
        const order = await insert();
        const extraAddresses = { web: { host: 'h', port: 443, url: 'https://h/' } };
        await store.tellServices([{ id: order.id, incarnation: 1, extraAddresses }]);
        expect((await get(order.id)).instance).toBeUndefined();
        await store.move([{ id: order.id, from: 'open', incarnation: 1, events: ['accepted-here'], reason: 'r', patch: { instance: { id: 'vm', localAddress: 'a' } } }]);
        await store.tellServices([{ id: order.id, incarnation: 2, extraAddresses }, { id: randomUUID(), incarnation: 1, extraAddresses }]);
        expect((await get(order.id)).instance).toEqual({ id: 'vm', localAddress: 'a' });
        await store.tellServices([{ id: order.id, incarnation: 1, extraAddresses }]);
        expect((await get(order.id)).instance).toEqual({ id: 'vm', localAddress: 'a', extraAddresses });
        await store.tellServices([{ id: order.id, incarnation: 1, extraAddresses: {}, sshAddress: { host: 's', port: 22 } }]);
        expect((await get(order.id)).instance).toEqual({ id: 'vm', localAddress: 'a', extraAddresses: {}, sshAddress: { host: 's', port: 22 } });
      });

      test('are read by state and page, of other members alone where that is asked', async () => {
        const [one, other] = [await insert(), await insert({ requester: PEER })].sort((left, right) => (left.id < right.id ? -1 : 1)) as [OrderRecord, OrderRecord];
        const ids = async (...given: Parameters<OrderStore['inStates']>): Promise<string[]> => (await store.inStates(...given)).map(({ id }) => id);
        expect([await ids(['open'], '', 1), await ids(['open'], one.id, 5), await ids(['pending'], '', 5)]).toEqual([[one.id], [other.id], []]);
        expect(await ids(['open'], '', 5, SELF)).toEqual([one, other].filter(({ requester }) => requester === PEER).map(({ id }) => id));
      });
    });

    describe('leases', () => {
      const leasesOf = (workerId: string): OrderLeases => lab.leases(workerId, DEAD_AFTER);
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
        await lab.heard(owner, 61);
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

      test('of our own that we do not work on hold no removal up after our next claim', async () => {
        const order = await insert();
        const ours = await worker();
        const leases = leasesOf(ours);
        await leases.claimOpen(5);
        await store.move([moveBy(await get(order.id), 'deleted', 'unwanted', { release: [SELF] })]);
        await leases.claimOpen(5);
        expect(await lab.releases.claimDue(5, DEAD_AFTER)).toEqual([]);
        // As when the answer to the first claim was lost.
        await leasesOf(ours).claimOpen(5);
        expect(await lab.releases.claimDue(5, DEAD_AFTER)).toHaveLength(1);
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
        expect((await leases.claimOpen(5)).map(({ id, refusals }) => [id, Object.values(refusals).map(({ code }) => code).sort()])).toEqual([[order.id, ['cloud-rejected', 'no-valid-host']]]);
      });

      test('waking one leaves the others alone, and whom a worker holds', async () => {
        const [held, wanted] = [await insert(), await insert({ notBeforeMs: 3_600_000 })];
        await insert({ notBeforeMs: 3_600_000 });
        const leases = leasesOf(await worker());
        expect((await leases.claimOpen(5)).map(({ id }) => id)).toEqual([held.id]);
        await leases.wake([held.id, wanted.id]);
        expect((await leasesOf(await worker()).claimOpen(5)).map(({ id }) => id)).toEqual([wanted.id]);
      });

      test('waking leaves alone what is not valid yet, and who keeps a distance after failed boots', async () => {
        await insert({ validFrom: new Date(Date.now() + 3_600_000), notBeforeMs: 3_600_000 });
        const failed = await insert();
        await store.move([accepted(failed)]);
        await store.move([moveBy(await get(failed.id), 'boot-failed', 'no', { patch: reopened(failed, { failedBoots: 1, nextAttemptInMs: 3_600_000 }) })]);
        const leases = leasesOf(await worker());
        await leases.wakeWaiting([SELF]);
        expect(await leases.claimOpen(5)).toEqual([]);
      });
    });

    describe('releases', () => {
      test('wait while a live worker places the order, and go on when it is dead', async () => {
        const order = await insert();
        const owner = await worker();
        await lab.leases(owner, DEAD_AFTER).claimOpen(1);
        await store.move([moveBy(await get(order.id), 'deleted', 'unwanted', { release: [SELF] })]);
        expect(await lab.releases.claimDue(10, DEAD_AFTER)).toEqual([]);
        await lab.heard(owner, 61);
        expect(await lab.releases.claimDue(10, DEAD_AFTER)).toEqual([{ orderId: order.id, kind: 'compute', incarnation: 1, member: SELF, attempts: 1 }]);
        expect(await lab.releases.claimDue(10, DEAD_AFTER)).toEqual([]);
      });

      test('the last confirmation purges a deleted order and leaves its history', async () => {
        const order = await insert();
        await store.move([accepted(order)]);
        await store.move([moveBy(await get(order.id), 'deleted', 'unwanted', { release: [SELF, PEER] })]);
        for (const release of await lab.releases.claimDue(10, DEAD_AFTER)) {
          await lab.purge(order.id);
          expect(await store.get(order.id)).toBeDefined();
          await lab.releases.done(release);
        }
        await lab.purge(order.id);
        expect(await store.get(order.id)).toBeUndefined();
        expect((await store.history(order.id)).map((entry) => entry.event)).toEqual(['submitted', 'accepted-here', 'deleted', 'purged']);
      });

      test('purging leaves alone whatever is not deleted', async () => {
        const order = await insert();
        await lab.purge(order.id);
        expect(await store.get(order.id)).toBeDefined();
      });
    });

    describe('what others need', () => {
      const needing = (id: string, changes = {}) => insert({ kind: 'compute', spec: { networkOrderIds: [id] }, ...changes });

      test('does not go while they live', async () => {
        const network = await insert({ kind: 'network' });
        const [one, other] = [await needing(network.id), await needing(network.id)];
        const goes = moveBy(network, 'deleted', 'unwanted');
        await store.move([moveBy(other, 'gave-up', 'no')]);
        await expect(store.moveUnlessNeeded(goes, 'network')).rejects.toMatchObject({ code: 'conflict', ids: [one.id] });
        expect(await get(network.id)).toMatchObject({ state: 'open' });
        await store.move([moveBy(one, 'gave-up', 'no')]);
        expect([...(await store.moveUnlessNeeded(goes, 'network')).keys()]).toEqual([network.id]);
      });

      test('wakes those who wait for it, and nobody that a worker holds', async () => {
        const network = await insert({ kind: 'network', notBeforeMs: 3_600_000 });
        const [held, waiting] = [await needing(network.id), await needing(network.id, { notBeforeMs: 3_600_000 })];
        await lab.leases(await worker(), DEAD_AFTER).claimOpen(5);
        expect(await store.wakeNeeding([network.id])).toBe(1);
        expect((await lab.leases(await worker(), DEAD_AFTER).claimOpen(5)).map(({ id }) => id)).toEqual([waiting.id]);
        expect(await store.get(held.id)).toMatchObject({ attempts: 1 });
      });
    });

    describe('orders of other members', () => {
      test('that were removed are remembered up to the latest attempt', async () => {
        const { id } = newOrder();
        expect(await lab.served.wasRemoved(PEER, id, 1)).toBe(false);
        await lab.served.rememberRemoved(PEER, id, 3);
        await lab.served.rememberRemoved(PEER, id, 2);
        expect(await Promise.all([3, 4].map((attempt) => lab.served.wasRemoved(PEER, id, attempt)))).toEqual([true, false]);
        expect(await lab.served.wasRemoved(SELF, id, 1)).toBe(false);
      });

      test('are found by their instances, a machine first, by their requester only, what is being removed last', async () => {
        const [volume, machine] = [await insert({ requester: PEER, kind: 'storage', spec: { sizeGb: 1 } }), await insert({ requester: PEER })];
        await store.move([accepted(volume), accepted(machine)]);
        const { served } = lab;
        expect([await served.orderOfInstance(PEER, 'vm'), await served.orderOfInstance(PEER, 'vm', 'storage'), await served.orderOfInstance(SELF, 'vm')]).toEqual([machine.id, volume.id, undefined]);
        await store.move([moveBy(await get(machine.id), 'deleted', 'no')]);
        expect([await served.orderOfInstance(PEER, 'vm'), await served.orderOfInstance(PEER, 'vm', 'compute'), await served.orderOfInstance(PEER, 'none')]).toEqual([volume.id, machine.id, undefined]);
      });
    });

    describe('members', () => {
      test('are new when they were not named for a while', async () => {
        const named = (...ids: string[]) => ids.map((id) => ({ id }));
        expect((await lab.members.remember(named(PEER, SELF), 60_000)).sort()).toEqual([SELF, PEER].sort());
        expect(await lab.members.remember(named(PEER, 'third'), 60_000)).toEqual(['third']);
        expect(await lab.members.remember(named(PEER), 0)).toEqual([PEER]);
        expect([await lab.members.aliveBesides(SELF, 60_000), await lab.members.aliveBesides(SELF, 0)]).toEqual([named(PEER, 'third'), []]);
      });

      test('tell their room when they are named, or not', async () => {
        const room = { instances: 1, vcpu: 2, ramMb: 512 };
        await lab.members.remember([{ id: PEER, certificate: 'c', room }], 60_000);
        expect(await lab.members.aliveBesides(SELF, 60_000)).toEqual([{ id: PEER, room }]);
        await lab.members.remember([{ id: PEER }], 60_000);
        expect(await lab.members.aliveBesides(SELF, 60_000)).toEqual([{ id: PEER }]);
      });

      test('are silent for as long as others have been named since', async () => {
        expect(await lab.members.silence()).toEqual(new Map());
        for (const id of [PEER, SELF]) await lab.members.remember([{ id }], 60_000);
        const silence = await lab.members.silence();
        expect([silence.get(SELF), silence.get('third')]).toEqual([0, undefined]);
        expect(silence.get(PEER)).toBeGreaterThan(0);
      });

      test('the last that was picked is remembered', async () => {
        expect(await lab.members.previousPick()).toBeUndefined();
        for (const member of [PEER, 'third']) await lab.members.rememberPick(member);
        expect(await lab.members.previousPick()).toBe('third');
      });
    });
  });
}
