import fc from 'fast-check';
import type { MemberPicker } from '@fogbow/plugin-contracts';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Favours, FavoursOf } from '@fogbow/request-model';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { someFavours, someMember } from './favours-arbitrary.js';

export type PickerRuleId = 'M1' | 'M1-none' | 'M1-pure' | 'M2';

const members = fc.uniqueArray(someMember, { minLength: 1, maxLength: 8 });
const previousPick = fc.option(someMember, { nil: undefined });
const among = (favours: Readonly<Record<string, Favours>>): FavoursOf => (member) => favours[member] ?? NO_FAVOURS;

const rules: readonly ConformanceRule<PickerRuleId, MemberPicker>[] = [{
  id: 'M1', says: 'the pick is one of the candidates, whoever was picked before',
  async check(picker) {
    await Promise.resolve(fc.assert(fc.property(members, previousPick, someFavours, (candidates, previous, favours) => {
      expect(candidates).toContain(picker.pick(candidates, previous, among(favours)));
    })));
  },
}, {
  id: 'M1-none', says: 'without candidates there is no pick',
  check(picker) {
    expect([picker.pick([], undefined, among({})), picker.pick([], 'a.example', among({}))]).toEqual([undefined, undefined]);
    return Promise.resolve();
  },
}, {
  id: 'M1-pure', says: 'the same arguments give the same pick, in whatever order the candidates stand, and stay as they are',
  async check(picker) {
    await Promise.resolve(fc.assert(fc.property(members, previousPick, someFavours, (candidates, previous, favours) => {
      const frozen = Object.freeze([...candidates]);
      const pick = picker.pick(frozen, previous, among(favours));
      expect([picker.pick(frozen, previous, among(favours)), picker.pick([...candidates].reverse(), previous, among(favours))]).toEqual([pick, pick]);
    })));
  },
}, {
  id: 'M2', says: 'a picker that does not use favours does not ask for them',
  check(picker) {
    let asked = 0;
    picker.pick(['a.example', 'b.example'], undefined, () => { asked += 1; return NO_FAVOURS; });
    expect(asked > 0).toBe(picker.usesFavours);
    return Promise.resolve();
  },
}];

/** Holds a member picker to docs/contracts/member-picker.md. */
export function memberPickerSuite(name: string, factory: () => MemberPicker, skips: Skips<PickerRuleId> = {}): void {
  describeRules(`${name} as a member picker`, rules, (check) => check(factory()), skips);
}
