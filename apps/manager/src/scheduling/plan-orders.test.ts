import fc from 'fast-check';
import { NO_FAVOURS, NOTHING } from '@fogbow/request-model';
import type { PrioritizationPolicy } from '@fogbow/plugin-contracts';
import type { OrderRecord } from '../orders/order-record.js';
import type { Holder } from '../sharing/plan-room.js';
import type { MakingRoom } from '../sharing/plan-room.js';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { planOrders } from './plan-orders.js';
import type { PlacementFacts } from './plan-placement.js';

const THIRD = 'manager.c.test';
const ONE = { instances: 1, vcpu: 1, ramMb: 512 };
const first = { usesFavours: false, pick: (candidates: readonly string[]): string | undefined => candidates[0] };
/** Ours take from others. */
const oursFirst: PrioritizationPolicy = {
  preempts: true, usesFavours: false,
  takeFrom(asking, holders, { self }) {
    const victim = asking.requester === self ? holders.find(({ requester }) => requester !== self) : undefined;
    return victim ? { victim: victim.id, reason: 'ours go first' } : { reason: 'nobody goes' };
  },
};
const order = (id: string, changes: Partial<OrderRecord> = {}): OrderRecord => makeOrder({ id, ...changes });
const holder = (id: string, requester = PEER): Holder => ({ id, requester, since: NOW, amount: ONE });

/** A cloud with so much room of which so much is used. */
function home(limit: number, used: number, changes: Partial<PlacementFacts> = {}): PlacementFacts {
  return {
    self: SELF, now: NOW, kinds: ['compute'], needs: new Map(), flavors: [{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }], taken: NOTHING, kept: [], members: [], toldRoom: new Map(), barred: new Map(),
    room: { limit: { instances: limit, vcpu: 100, ramMb: 100_000 }, used: { instances: used, vcpu: used, ramMb: used } }, picker: first, favoursOf: () => NO_FAVOURS, previousPick: undefined, retryMs: 1000, ...changes,
  };
}

async function plan(orders: readonly OrderRecord[], facts: PlacementFacts, making?: Partial<MakingRoom>, barred: readonly string[] = []) {
  let asked = 0;
  const planned = await planOrders({
    withNeeds: (known) => Promise.resolve(known),
    withMembers: (known) => Promise.resolve({ ...known, members: [PEER, THIRD], barred: new Map(barred.map((member) => [member, 'Not that one.'])) }),
    withRoom: (known) => {
      asked += 1;
      return Promise.resolve(making ? { ...known, making: { policy: oursFirst, maxVictims: 2, holders: [], leaving: NOTHING, ...making } } : known);
    },
  }, orders, facts);
  return { asked, planned, where: planned.map(({ placement }) => placement.where), victims: planned.flatMap(({ placement }) => (placement.where === 'room' ? placement.victims.map(({ id }) => id) : [])) };
}

describe('a round of placement', () => {
  it('asks who could give way only where room is lacking', async () => {
    expect(await plan([order('x')], home(1, 0), { holders: [holder('h')] })).toMatchObject({ asked: 0, where: ['here'] });
    expect(await plan([order('x')], home(1, 1), { holders: [holder('h')] })).toMatchObject({ asked: 1, where: ['room'], victims: ['h'] });
  });

  it('takes each machine once, and sends away for whom nothing is left', async () => {
    const { where, victims, planned } = await plan([order('x'), order('y'), order('z')], home(2, 2), { holders: [holder('h1'), holder('h2')] });
    expect([where, victims]).toEqual([['room', 'room', 'member'], ['h1', 'h2']]);
    expect(planned[0]?.explanation).toEqual([{ member: SELF, verdict: 'chosen: room is being made at home: 1 of another owner gives way, as ours go first' }]);
    expect(planned[2]?.explanation[0]?.verdict).toBe('no room: instances used up; nobody gives way: there would be no room even without the machines that are here');
  });

  it('waits for machines that are being removed before it takes any', async () => {
    expect(await plan([order('x'), order('y')], home(2, 2), { holders: [holder('h')], leaving: ONE })).toMatchObject({ where: ['room', 'room'], victims: ['h'] });
  });

  it('leaves room that was made for an order to that order', async () => {
    const kept = [{ orderId: 'x', amount: ONE }];
    expect((await plan([order('y'), order('x')], home(1, 0, { kept }))).where).toEqual(['member', 'here']);
    expect((await plan([order('x'), order('y')], home(2, 0, { kept }))).where).toEqual(['here', 'here']);
    // Its room is still to come: nobody else has to go for it.
    expect(await plan([order('x')], home(1, 1, { kept }), { holders: [holder('h')] })).toMatchObject({ where: ['room'], victims: [] });
  });

  it('refuses a served order for which nobody gives way, with the reason', async () => {
    const { planned } = await plan([order('x', { requester: PEER })], home(1, 1), { holders: [holder('h', THIRD)] });
    expect(planned[0]?.placement).toEqual({ where: 'nowhere', code: 'quota-exceeded', reason: 'no room: instances used up; nobody gives way: nobody goes' });
  });

  it.each([
    ['the policy never preempts', home(1, 1), { policy: { ...oursFirst, preempts: false } }],
    ['the cloud refused it, whatever its quota says', home(2, 1), {}],
    ['nobody ever gives way', home(1, 1), undefined],
  ])('takes from nobody where %s', async (_name, facts, making) => {
    const refusals = facts.room?.limit.instances === 2 ? { [SELF]: { until: new Date(NOW.getTime() + 1000).toISOString(), code: 'quota-exceeded' as const, reason: 'full' } } : {};
    expect((await plan([order('x', { refusals })], facts, making && { holders: [holder('h')], ...making })).where).toEqual(['member']);
  });

  it('does not ask members that admission bars, and says so', async () => {
    const { planned } = await plan([order('x')], home(0, 0), undefined, [PEER]);
    expect(planned[0]?.placement).toMatchObject({ where: 'member', member: THIRD });
    expect(planned[0]?.explanation[1]).toEqual({ member: PEER, verdict: 'it is not asked: Not that one.' });
    expect((await plan([order('x')], home(0, 0), undefined, [PEER, THIRD])).planned[0]?.placement).toMatchObject({ where: 'wait', code: 'quota-exceeded' });
  });

  it('never gives away more than there will be', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(4), fc.nat(4), fc.nat(3), fc.nat(5), fc.nat(2), async (free, holding, leaving, waiting, kept) => {
      const used = holding + leaving;
      const orders = Array.from({ length: waiting }, (_, index) => order(`o${index}`));
      const keptRoom = Array.from({ length: kept }, (_, index) => ({ orderId: `k${index}`, amount: ONE }));
      const holders = Array.from({ length: holding }, (_, index) => holder(`h${index}`));
      const { where, victims } = await plan(orders, home(used + free, used, { kept: keptRoom }), { holders, leaving: { instances: leaving, vcpu: leaving, ramMb: 0 } });
      const given = where.filter((one) => one === 'here' || one === 'room').length;
      expect(given + (given > 0 ? kept : 0)).toBeLessThanOrEqual(free + leaving + victims.length);
      expect(new Set(victims).size).toBe(victims.length);
    }));
  });
});
