import fc from 'fast-check';
import type { MemberPicker } from '@fogbow/plugin-contracts';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type PickerRuleId = 'M1' | 'M1-none' | 'M1-pure';

const member = fc.stringMatching(/^[a-e]{1,2}\.example$/);
const members = fc.uniqueArray(member, { minLength: 1, maxLength: 8 });

const rules: readonly ConformanceRule<PickerRuleId, MemberPicker>[] = [{
  id: 'M1', says: 'the pick is one of the candidates, whoever was picked before',
  async check(picker) {
    await Promise.resolve(fc.assert(fc.property(members, fc.option(member, { nil: undefined }), (candidates, previous) => {
      expect(candidates).toContain(picker.pick(candidates, previous));
    })));
  },
}, {
  id: 'M1-none', says: 'without candidates there is no pick',
  check(picker) {
    expect([picker.pick([], undefined), picker.pick([], 'a.example')]).toEqual([undefined, undefined]);
    return Promise.resolve();
  },
}, {
  id: 'M1-pure', says: 'the same arguments give the same pick and stay as they are',
  async check(picker) {
    await Promise.resolve(fc.assert(fc.property(members, fc.option(member, { nil: undefined }), (candidates, previous) => {
      const frozen = Object.freeze([...candidates]);
      expect(picker.pick(frozen, previous)).toBe(picker.pick(frozen, previous));
    })));
  },
}];

/** Holds a member picker to docs/contracts/member-picker.md. */
export function memberPickerSuite(name: string, factory: () => MemberPicker, skips: Skips<PickerRuleId> = {}): void {
  describeRules(`${name} as a member picker`, rules, (check) => check(factory()), skips);
}
