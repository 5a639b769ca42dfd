import fc from 'fast-check';
import { NO_FAVOURS, NOTHING, plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import type { PrioritizationPolicy } from '@fogbow/plugin-contracts';
import { planRoom } from './plan-room.js';
import type { Holder, RoomFacts } from './plan-room.js';

const SELF = 'a';
const machines = (vcpu: number): Amount => ({ instances: 1, vcpu, ramMb: 0 });
const holder = (id: string, requester: string, vcpu = 1, second = 0): Holder => ({ id, requester, since: new Date(second * 1000), amount: machines(vcpu) });
/** The first of the others, by id. */
const othersFirst: PrioritizationPolicy = {
  preempts: true,
  usesFavours: false,
  takeFrom(asking, holders) {
    const [victim] = holders.filter(({ requester }) => requester !== asking.requester).sort((one, other) => (one.id < other.id ? -1 : 1));
    return victim ? { victim: victim.id, reason: 'others go' } : { reason: 'nobody goes' };
  },
};
const nobody: PrioritizationPolicy = { preempts: false, usesFavours: false, takeFrom: () => ({ reason: 'who came first stays' }) };

/** A cloud of as many vCPUs as its holders have. */
const facts = (holders: readonly Holder[], changes: Partial<RoomFacts> = {}): RoomFacts => {
  const used = holders.reduce((sum, { amount }) => plus(sum, amount), NOTHING);
  return { self: SELF, favoursOf: () => NO_FAVOURS, policy: othersFirst, quota: { limit: { ...used, instances: 100 }, used }, taken: NOTHING, leaving: NOTHING, holders, maxVictims: 3, ...changes };
};
const plan = (wanted: number, given: RoomFacts): string[] | string => {
  const made = planRoom({ id: 'new', requester: SELF }, machines(wanted), given);
  return made.kind === 'made' ? made.victims.map(({ id }) => id) : made.reason;
};

describe('making room', () => {
  const four = [holder('b1', 'b'), holder('b2', 'b'), holder('b3', 'b'), holder('b4', 'b')];
  it.each<[string, number, RoomFacts, string[] | string]>([
    ['one for one', 1, facts(four), ['b1']],
    ['several for a large one', 3, facts(four), ['b1', 'b2', 'b3']],
    ['one that does it alone before several', 3, facts([...four, holder('c', 'c', 3)]), ['c']],
    ['nobody where more would have to go than may', 4, facts(four), 'more than 3 machines would have to give way'],
    ['nobody where it would not fit in the end', 5, facts(four), 'there would be no room even without the machines that are here'],
    ['nobody where the policy says so', 1, facts(four, { policy: nobody }), 'who came first stays'],
    ['nobody where those who give way are too few', 2, facts([holder('b', 'b'), holder('own', SELF)]), 'nobody goes'],
    ['nobody while room is coming anyway', 1, facts(four, { leaving: machines(1) }), []],
    ['one more than those who leave', 2, facts(four, { leaving: machines(1) }), ['b1']],
    ['one more where the room that comes is taken', 1, facts(four, { leaving: machines(1), taken: machines(1) }), ['b1']],
    ['none that is needless once a larger one went', 4, facts([holder('b1', 'b'), holder('b2', 'b', 3), holder('b3', 'b', 3)]), ['b1', 'b2']],
    ['only the large ones', 6, facts([holder('b1', 'b'), holder('b2', 'b', 3), holder('b3', 'b', 3)]), ['b2', 'b3']],
  ])('%s', (_name, wanted, given, victims) => expect(plan(wanted, given)).toEqual(victims));

  const holders = fc.array(fc.tuple(fc.constantFrom(SELF, 'b', 'c'), fc.integer({ min: 1, max: 4 })), { maxLength: 8 })
    .map((list) => list.map(([requester, vcpu], index) => holder(`h${index}`, requester, vcpu)));
  it('leaves room in the end, takes no more than it must and may, and asks the policy a bounded number of times', () => {
    fc.assert(fc.property(holders, fc.integer({ min: 1, max: 8 }), fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 4 }), (given, wanted, taken, leaving, maxVictims) => {
      let asked = 0;
      const policy: PrioritizationPolicy = { ...othersFirst, takeFrom: (...args) => { asked += 1; return othersFirst.takeFrom(...args); } };
      const all = facts(given, { policy, maxVictims, taken: machines(taken), leaving: machines(leaving) });
      const made = planRoom({ id: 'new', requester: SELF }, machines(wanted), all);
      expect(asked).toBeLessThanOrEqual(maxVictims + 1);
      if (made.kind === 'none') return expect(made.reason).toMatch(/\w/);
      const sizeOf = (id: string): number => given.find((one) => one.id === id)?.amount.vcpu ?? NaN;
      const freed = made.victims.reduce((sum, { id }) => sum + sizeOf(id), leaving);
      expect(freed).toBeGreaterThanOrEqual(wanted + taken);
      for (const { id } of made.victims) expect(freed - sizeOf(id)).toBeLessThan(wanted + taken);
      expect(made.victims.length).toBeLessThanOrEqual(maxVictims);
    }));
  });
});
