import fc from 'fast-check';
import { moveBy, reopened } from '../orders/order-move.js';
import type { OrderMove, OrderPatch } from '../orders/order-move.js';
import type { OrderRecord, Refusal } from '../orders/order-record.js';
import { PEER, SELF } from './make-order.js';
import { openDatabaseLab, openMemoryLab } from './open-store-labs.js';
import { newOrder } from './open-test-database.js';
import type { StoreLab } from './order-stores-suite.js';

/** Times are either now or so far away that no test reaches them: so the two clocks need not agree. */
const FAR = 3_600_000;
const DEAD_AFTER = 60_000;
const uuid = (mark: string, index: number): string => `${mark.repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;
const WORKERS = [uuid('b', 0), uuid('b', 1)] as const;
const idOf = (order: number): string => uuid('a', order);

interface Table { readonly lab: StoreLab; readonly leases: readonly ReturnType<StoreLab['leases']>[] }
type Step = (table: Table) => Promise<unknown>;

const order = fc.nat({ max: 4 });
const member = fc.constantFrom(SELF, PEER, 'third');
const ms = fc.constantFrom(0, FAR);
const refusal = fc.record({ until: fc.constant('2026-01-01T00:00:00Z'), code: fc.constantFrom('quota-exceeded', 'timeout', 'cloud-rejected'), reason: fc.constant('no'), uncertain: fc.constant(true) }, { requiredKeys: ['until', 'code', 'reason'] }) as fc.Arbitrary<Refusal>;
const refusals = fc.dictionary(member, refusal, { maxKeys: 2 });
const patch: fc.Arbitrary<OrderPatch> = fc.record({
  provider: fc.option(member), instance: fc.option(fc.constantFrom({ id: 'vm1' }, { id: 'vm2', device: '/dev/vdb' })), failedBoots: fc.nat({ max: 1 }), refusals, connected: fc.boolean(),
  failure: fc.option(fc.constantFrom('timeout' as const, 'no-valid-host' as const)), nextAttemptInMs: ms, explanation: fc.constant([{ member: SELF, verdict: 'chosen' }]),
}, { requiredKeys: [] });
const EVENTS = { open: ['accepted-here', 'sent-away', 'expired', 'gave-up', 'deleted'], pending: ['answered', 'turned-down', 'timed-out', 'deleted'], spawning: ['ready', 'boot-failed', 'gave-up', 'deleted'], fulfilled: ['lost', 'lost-reopened', 'deleted'], closed: ['deleted'], failed: ['deleted'], deleted: ['deleted'] } as const;

const insert = fc.record({ index: order, needs: fc.uniqueArray(order, { maxLength: 2 }), notBeforeMs: ms, requester: member }).map(({ index, needs, ...rest }): Step => ({ lab }) =>
  lab.store.insert([newOrder({ id: idOf(index), batchId: idOf(9), spec: needs.length > 0 ? { networkOrderIds: needs.map(idOf) } : { title: 'x' }, ...rest })]));
const move = fc.record({ index: order, which: fc.nat(), patch, release: fc.uniqueArray(member, { maxLength: 2 }), stale: fc.nat({ max: 9 }) }).map(({ index, which, patch: wanted, release, stale }): Step => async ({ lab }) => {
  const known = await lab.store.get(idOf(index));
  if (!known || known.state === 'deleted') return undefined;
  const events = EVENTS[known.state];
  const event = events[which % events.length] as OrderMove['events'][number];
  const opens = ['turned-down', 'timed-out', 'boot-failed', 'lost-reopened'].includes(event);
  const moved = await lab.store.move([{
    ...moveBy(stale === 0 ? { ...known, incarnation: known.incarnation + 1 } : known, event, event, { patch: opens ? { ...wanted, ...reopened(known) } : wanted, release }), ...(stale === 1 ? { attempts: known.attempts + 1 } : stale < 5 ? { attempts: known.attempts } : {}),
  }]);
  return [...moved];
});
const worker = fc.nat({ max: 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: insert }, { weight: 6, arbitrary: move },
  { weight: 3, arbitrary: worker.map((index): Step => async ({ leases }) => shown(await leases[index]?.claimOpen(50) ?? [])) },
  fc.tuple(worker, order).map(([index, one]): Step => async ({ leases }) => leases[index]?.finished([idOf(one)])),
  fc.tuple(worker, order).map(([index, one]): Step => ({ leases }) => leases[index]?.free([idOf(one)]) ?? Promise.resolve()),
  fc.tuple(worker, order, ms, fc.boolean(), refusals).map(([index, one, inMs, untouched, standing]): Step => ({ leases }) =>
    leases[index]?.putBack([{ id: idOf(one), reason: 'waits', ...(untouched ? { failure: 'quota-exceeded' } : {}), inMs, explanation: [{ member: SELF, verdict: 'full' }], refusals: standing, untouched }]) ?? Promise.resolve()),
  fc.tuple(worker, member).map(([index, one]): Step => ({ leases }) => leases[index]?.wakeWaiting([one]) ?? Promise.resolve()),
  fc.tuple(worker, fc.boolean()).map(([index, lives]): Step => ({ lab }) => lab.heard(WORKERS[index as 0 | 1], lives ? 0 : 120)),
  fc.constant<Step>(async ({ lab }) => (await lab.releases.claimDue(50, DEAD_AFTER)).map((one) => JSON.stringify(one)).sort()),
  fc.tuple(order, member, fc.integer({ min: 1, max: 2 })).map(([one, at, incarnation]): Step => ({ lab }) => lab.releases.done({ orderId: idOf(one), kind: 'compute', incarnation, member: at, attempts: 1 })),
  fc.tuple(order, member, ms).map(([one, at, inMs]): Step => ({ lab }) => lab.releases.retry({ orderId: idOf(one), kind: 'compute', incarnation: 1, member: at, attempts: 1 }, inMs, 'no')),
  fc.tuple(order, member).map(([one, at]): Step => ({ lab }) => lab.releases.add([{ orderId: idOf(one), kind: 'compute', incarnation: 1, member: at }])),
  fc.option(order, { nil: undefined }).map((one): Step => ({ lab }) => lab.purge(one === undefined ? undefined : idOf(one))),
  order.map((one): Step => ({ lab }) => lab.store.wakeNeeding([idOf(one)])),
  fc.tuple(worker, order).map(([index, one]): Step => ({ leases }) => leases[index]?.wake([idOf(one)]) ?? Promise.resolve()),
  fc.tuple(order, fc.constantFrom('open' as const, 'pending' as const), fc.integer({ min: 1, max: 2 })).map(([one, state, incarnation]): Step => ({ lab }) =>
    lab.store.explain([{ id: idOf(one), state, incarnation, reason: 'said anew' }])),
  fc.tuple(order, fc.integer({ min: 1, max: 2 })).map(([one, incarnation]): Step => ({ lab }) =>
    lab.store.tellServices([{ id: idOf(one), incarnation, extraAddresses: { web: { host: 'h', port: 1 } } }])),
  order.map((one): Step => async ({ lab }) => {
    const known = await lab.store.get(idOf(one));
    if (!known || known.state === 'deleted') return undefined;
    return await lab.store.moveUnlessNeeded(moveBy(known, 'deleted', 'unwanted'), known.kind).then((moved) => [...moved], (error: unknown) => String(error));
  }),
  fc.tuple(order, member).map(([one, at]): Step => ({ lab }) => lab.served.orderOfInstance(at, `vm${one % 3}`)),
);

const shown = (records: readonly OrderRecord[]): object[] => [...records].sort((a, b) => byText(a.id, b.id))
  .map(({ createdAt: _createdAt, stateSince: _stateSince, fulfilledAt, ...rest }) => ({ ...rest, wasFulfilled: fulfilledAt !== undefined }));
const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** Everything that can be read of the tables. */
async function read({ lab, leases }: Table): Promise<unknown> {
  const indexes = [0, 1, 2, 3, 4];
  const due = await leases[0]?.nextDue();
  return {
    due: due === undefined ? 'none' : due > FAR / 2 ? 'far' : 'now',
    orders: shown(await lab.store.getMany(indexes.map(idOf))),
    histories: await Promise.all(indexes.map(async (one) => (await lab.store.history(idOf(one))).map(({ at: _at, ...line }) => line))),
    open: (await lab.store.inStates(['open', 'pending'], idOf(1), 2)).map(({ id }) => id),
    own: (await lab.store.list({ requester: SELF, ownerId: 'alice', limit: 9 })).map(({ id }) => id).sort(byText),
  };
}

/** Claims come in the order of times, which may tie; with room for all, only their sets count. */
test('the stores in memory and in the database answer alike, whatever happens to them', async () => {
  const labs = [await openDatabaseLab(), await openMemoryLab()];
  await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 40 }), async (plan) => {
    const tables = await Promise.all(labs.map(async (lab): Promise<Table> => {
      await lab.empty();
      return { lab, leases: WORKERS.map((id) => lab.leases(id, DEAD_AFTER)) };
    }));
    for (const step of plan) {
      const [inDatabase, inMemory] = await Promise.all(tables.map(step));
      expect(inMemory).toEqual(inDatabase);
    }
    const [database, memory] = await Promise.all(tables.map(read));
    expect(memory).toEqual(database);
  }), { numRuns: 60 });
  await Promise.all(labs.map((lab) => lab.close()));
}, 60_000);
