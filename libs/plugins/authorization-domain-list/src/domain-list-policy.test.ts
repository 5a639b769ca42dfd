import fc from 'fast-check';
import { authorizationPolicySuite } from '@fogbow/plugin-conformance';
import { domainListPolicy, domainOf } from './domain-list-policy.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };

authorizationPolicySuite('authorization-domain-list', () => ({
  policy: domainListPolicy.create({ domains: ['uni.example', 'Lab.Example'] }, host),
  allowed: [{ id: 'ann@uni.example', name: 'Ann' }, { id: 'bob@UNI.example', name: '' }, { id: 'eve@home@lab.example', name: '' }],
  refused: [
    { id: 'ann', name: 'ann@uni.example' }, { id: 'uni.example', name: '' }, { id: '@uni.example', name: '' }, { id: 'ann@', name: '' },
    { id: 'ann@sub.uni.example', name: '' }, { id: 'ann@evil-uni.example', name: '' }, { id: 'ann@uni.example@evil.example', name: '' },
  ],
}));

it('finds the domain behind any name', () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => expect(domainOf(`${name}@uni.example`)).toBe('uni.example')));
});

it.each(['', 'uni', '*.uni.example', 'uni..example', 'ann@uni.example'])('checks the domain "%s" of the settings', (domain) => {
  expect(domainListPolicy.check?.({ domains: [domain] })).toHaveLength(domain === 'uni' ? 0 : 1);
});
