import fc from 'fast-check';
import type { AskingOrder, HoldingOrder, PrioritizationFacts, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import { NO_FAVOURS } from '@fogbow/request-model';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { someFavours, someMember } from './favours-arbitrary.js';

export type PrioritizationRuleId = 'V1' | 'V1-none' | 'V1-pure' | 'V1-bounded' | 'V2' | 'V3' | 'V4' | 'V5';

const SELF = 'a.example';

interface Situation {
  readonly asking: AskingOrder;
  readonly holders: readonly HoldingOrder[];
  readonly facts: PrioritizationFacts;
}

const situation: fc.Arbitrary<Situation> = fc.record({
  requester: someMember, favours: someFavours,
  holders: fc.array(fc.record({ requester: someMember, since: fc.date({ min: new Date(0), max: new Date(9_000_000), noInvalidDate: true }) }), { maxLength: 8 }),
}).map(({ requester, favours, holders }) => ({
  asking: { id: 'asking', requester },
  holders: holders.map((holder, index) => ({ id: `holder-${index}`, ...holder })),
  facts: { self: SELF, favoursOf: (member: string) => favours[member] ?? NO_FAVOURS },
}));

const always = (holds: (situation: Situation) => void): Promise<void> => Promise.resolve(fc.assert(fc.property(situation, holds)));

const rules: readonly ConformanceRule<PrioritizationRuleId, PrioritizationPolicy>[] = [{
  id: 'V1', says: 'the victim is one of the holders, and there is a reason in any case',
  check: (policy) => always(({ asking, holders, facts }) => {
    const { victim, reason } = policy.takeFrom(asking, holders, facts);
    expect([...holders.map(({ id }) => id), undefined]).toContain(victim);
    expect(reason).toMatch(/\w/);
  }),
}, {
  id: 'V1-none', says: 'without holders there is no victim',
  check: (policy) => always(({ asking, facts }) => expect(policy.takeFrom(asking, [], facts).victim).toBeUndefined()),
}, {
  id: 'V1-pure', says: 'the same arguments give the same answer, in whatever order the holders stand, and stay as they are',
  check: (policy) => always(({ asking, holders, facts }) => {
    const first = policy.takeFrom(Object.freeze({ ...asking }), Object.freeze([...holders]), facts);
    expect(policy.takeFrom(asking, holders, facts)).toEqual(first);
    expect(policy.takeFrom(asking, [...holders].reverse(), facts)).toEqual(first);
  }),
}, {
  id: 'V1-bounded', says: 'asked again and again without the victims before, it ends with none',
  check: (policy) => always(({ asking, holders, facts }) => {
    let left = holders;
    for (const _ of holders) {
      const { victim } = policy.takeFrom(asking, left, facts);
      if (victim === undefined) return;
      left = left.filter(({ id }) => id !== victim);
    }
    expect(policy.takeFrom(asking, left, facts).victim).toBeUndefined();
  }),
}, {
  id: 'V2', says: 'nobody takes from the own member',
  check: (policy) => always(({ asking, holders, facts }) => {
    const { victim } = policy.takeFrom(asking, holders, facts);
    expect(holders.find(({ id }) => id === victim)?.requester).not.toBe(asking.requester);
  }),
}, {
  id: 'V3', says: 'whoever takes from another does not lose to it in return',
  check: (policy) => always(({ asking, holders, facts }) => {
    const taken = holders.find(({ id }) => id === policy.takeFrom(asking, holders, facts).victim);
    if (!taken) return;
    const inReturn = policy.takeFrom({ id: taken.id, requester: taken.requester }, [{ ...asking, since: new Date(10_000_000) }], facts);
    expect(inReturn.victim).toBeUndefined();
  }),
}, {
  id: 'V4', says: 'a policy that does not use favours does not ask for them',
  check: (policy) => always(({ asking, holders, facts }) => {
    let asked = 0;
    policy.takeFrom(asking, holders, { ...facts, favoursOf: () => { asked += 1; return NO_FAVOURS; } });
    expect(asked === 0 || policy.usesFavours).toBe(true);
  }),
}, {
  id: 'V5', says: 'with a policy that does not preempt nobody gives way',
  check: (policy) => always(({ asking, holders, facts }) => {
    const { victim } = policy.takeFrom(asking, holders, facts);
    expect(victim === undefined || policy.preempts).toBe(true);
  }),
}];

/** Holds a policy to docs/contracts/prioritization-policy.md. The manager at which it stands is `a.example`. */
export function prioritizationPolicySuite(name: string, factory: () => PrioritizationPolicy, skips: Skips<PrioritizationRuleId> = {}): void {
  describeRules(`${name} as a prioritization policy`, rules, (check) => check(factory()), skips);
}
