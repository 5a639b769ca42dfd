import fc from 'fast-check';
import { prioritizationPolicySuite } from '@fogbow/plugin-conformance';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Favours } from '@fogbow/request-model';
import { networkOfFavoursPrioritization } from './network-of-favours-prioritization.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const policyOf = (trustworthy: boolean, prioritizeLocal: boolean) => networkOfFavoursPrioritization.create({ trustworthy, prioritizeLocal }, host);

describe.each([[true, true], [true, false], [false, true], [false, false]])('trustworthy: %s, prioritizeLocal: %s', (trustworthy, prioritizeLocal) => {
  prioritizationPolicySuite('prioritization-network-of-favours', () => policyOf(trustworthy, prioritizeLocal));
});

const among = (accounts: Record<string, Favours>) => ({ self: 'a', favoursOf: (member: string) => accounts[member] ?? NO_FAVOURS });
const holder = (id: string, requester: string, second: number) => ({ id, requester, since: new Date(second * 1000) });
const ACCOUNTS = { b: { consumed: 100, donated: 50 }, c: { consumed: 0, donated: 400 }, d: { consumed: 9, donated: 9 } };
const HOLDERS = [holder('b1', 'b', 1), holder('b2', 'b', 2), holder('c1', 'c', 3), holder('c2', 'c', 4), holder('own', 'a', 5)];

describe('prioritization-network-of-favours', () => {
  it.each([
    // asking, trustworthy, prioritizeLocal, victim. Debts: b 50, c −400, d 0, stranger 0; credits without trust: b 57, c 0, d 3, stranger 0.
    ['b', true, true, 'c2'], ['d', true, true, 'c2'], ['stranger', true, true, 'c2'], ['c', true, true, undefined], ['a', true, true, 'c2'],
    ['b', false, true, 'c2'], ['d', false, true, 'c2'], ['stranger', false, true, undefined], ['c', false, true, undefined], ['a', false, true, 'c2'],
    ['b', false, false, 'own'], ['stranger', false, false, 'own'], ['a', false, false, undefined], ['c', true, false, undefined], ['a', true, false, 'c2'],
  ])('for an order of %s, trustworthy %s, prioritizeLocal %s, it takes %s', (requester, trustworthy, prioritizeLocal, victim) => {
    expect(policyOf(trustworthy, prioritizeLocal).takeFrom({ id: 'new', requester }, HOLDERS, among(ACCOUNTS)).victim).toBe(victim);
  });

  it('never takes from a member to which we owe as much as to the one that asks, or more', () => {
    const amount = fc.nat(50);
    const accounts = fc.record({ b: fc.record({ consumed: amount, donated: amount }), c: fc.record({ consumed: amount, donated: amount }) });
    fc.assert(fc.property(accounts, (given) => {
      const { victim } = policyOf(true, true).takeFrom({ id: 'new', requester: 'b' }, [holder('c1', 'c', 1)], among(given));
      expect(victim === undefined).toBe(given.c.consumed - given.c.donated >= given.b.consumed - given.b.donated);
    }));
  });

  it('leaves our users their machines while they are preferred', () => {
    fc.assert(fc.property(fc.nat(1e6), fc.boolean(), (consumed, trustworthy) => {
      expect(policyOf(trustworthy, true).takeFrom({ id: 'new', requester: 'b' }, [holder('own', 'a', 1)], among({ b: { consumed, donated: 0 } })).victim).toBeUndefined();
    }));
  });
});
