import { ACTIONS } from '@fogbow/plugin-contracts';
import type { AuthorizationPolicy } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export interface AuthorizationUnderTest {
  readonly policy: AuthorizationPolicy;
  /** Who may do everything. */
  readonly allowed: readonly UserRef[];
  /** Who may do nothing. */
  readonly refused: readonly UserRef[];
}

export type AuthorizationRuleId = 'A1' | 'A2' | 'A2-strange';

const STRANGE = ['', ' ', '@', '@@', '\u0000', 'x'.repeat(100_000), '__proto__', 'constructor'];

const rules: readonly ConformanceRule<AuthorizationRuleId, AuthorizationUnderTest>[] = [{
  id: 'A1', says: 'who is allowed may do each action, every time',
  async check({ policy, allowed }) {
    for (const user of [...allowed, ...allowed]) for (const action of ACTIONS) expect(await policy.decide(user, action)).toEqual({ allowed: true });
  },
}, {
  id: 'A2', says: 'a refusal has its reason in words',
  async check({ policy, refused }) {
    for (const user of refused) {
      for (const action of ACTIONS) expect(await policy.decide(user, action)).toEqual({ allowed: false, reason: expect.stringMatching(/^[A-Z].*\.$/) });
    }
  },
}, {
  id: 'A2-strange', says: 'whatever the id of a user is, there is a decision; their name does not matter',
  async check({ policy, allowed }) {
    for (const id of STRANGE) {
      const [one, other] = [await policy.decide({ id, name: '' }, 'order.read'), await policy.decide({ id, name: allowed[0]?.id ?? '' }, 'order.read')];
      expect(one.allowed).toBe(other.allowed);
    }
  },
}];

/** Holds a policy to docs/contracts/authorization-policy.md. */
export function authorizationPolicySuite(name: string, factory: () => AuthorizationUnderTest, skips: Skips<AuthorizationRuleId> = {}): void {
  describeRules(`${name} as an authorization policy`, rules, (check) => check(factory()), skips);
}
