import type { MemberAdmission } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export interface AdmissionUnderTest {
  readonly admission: MemberAdmission;
  /** Served but, unless they stand in `asked` too, not asked. */
  readonly served: readonly MemberId[];
  readonly asked: readonly MemberId[];
  /** Neither served nor asked. */
  readonly strangers: readonly MemberId[];
}

export type AdmissionRuleId = 'D1' | 'D1-reason' | 'D1-apart';

const ALLOWED = { allowed: true };
const REFUSED = { allowed: false, reason: expect.stringMatching(/^[A-Z].*\.$/) as unknown };

const rules: readonly ConformanceRule<AdmissionRuleId, AdmissionUnderTest>[] = [{
  id: 'D1', says: 'whoever is admitted is, every time',
  async check({ admission, served, asked }) {
    for (const member of [...served, ...served]) expect(await admission.mayBeServed(member)).toEqual(ALLOWED);
    for (const member of [...asked, ...asked]) expect(await admission.mayBeAsked(member)).toEqual(ALLOWED);
  },
}, {
  id: 'D1-reason', says: 'a refusal has its reason in words, whatever the member is called',
  async check({ admission, strangers }) {
    for (const member of strangers) expect([await admission.mayBeServed(member), await admission.mayBeAsked(member)]).toEqual([REFUSED, REFUSED]);
  },
}, {
  id: 'D1-apart', says: 'the two questions have answers of their own',
  async check({ admission, served, asked }) {
    for (const member of served.filter((one) => !asked.includes(one))) expect(await admission.mayBeAsked(member)).toEqual(REFUSED);
    for (const member of asked.filter((one) => !served.includes(one))) expect(await admission.mayBeServed(member)).toEqual(REFUSED);
  },
}];

/** Holds an admission to docs/contracts/member-admission.md. */
export function memberAdmissionSuite(name: string, factory: () => AdmissionUnderTest, skips: Skips<AdmissionRuleId> = {}): void {
  describeRules(`${name} as a member admission`, rules, (check) => check(factory()), skips);
}
