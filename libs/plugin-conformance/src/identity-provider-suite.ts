import type { IdentityProvider } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export interface IdentityUnderTest {
  readonly provider: IdentityProvider;
  readonly valid: { readonly token: string; readonly user: UserRef };
  /** Tokens that were valid once. */
  readonly expired: readonly string[];
  dispose(): Promise<void>;
}

export type IdentityRuleId = 'P1' | 'P1-refused' | 'P1-challenge';

const { signal } = new AbortController();
const STRANGE = ['', ' ', 'unknown', '\u0000', 'ä', 'x'.repeat(100_000), '__proto__', '../../etc/passwd', "' or 1=1 --"];

const rules: readonly ConformanceRule<IdentityRuleId, IdentityUnderTest>[] = [{
  id: 'P1', says: 'a valid token is its user, every time',
  async check({ provider, valid }) {
    for (let round = 0; round < 3; round++) expect(await provider.authenticate(valid.token, signal)).toEqual(valid.user);
  },
}, {
  id: 'P1-refused', says: 'an unknown, malformed or expired token is nobody, and no error',
  async check({ provider, valid, expired }) {
    const near = [`${valid.token} `, valid.token.slice(0, -1), `${valid.token}x`];
    for (const token of [...STRANGE, ...near, ...expired]) expect(await provider.authenticate(token, signal)).toBeUndefined();
  },
}, {
  id: 'P1-challenge', says: 'the challenge can stand in a header',
  check({ provider }) {
    expect(provider.challenge).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/);
    return Promise.resolve();
  },
}];

/** Holds an identity provider to docs/contracts/identity-provider.md. */
export function identityProviderSuite(name: string, factory: () => Promise<IdentityUnderTest>, skips: Skips<IdentityRuleId> = {}): void {
  describeRules(`${name} as an identity provider`, rules, async (check) => {
    const under = await factory();
    try {
      await check(under);
    } finally {
      await under.dispose();
    }
  }, skips);
}
