import fc from 'fast-check';
import { memberPickerSuite } from '@fogbow/plugin-conformance';
import { debtTo, NO_FAVOURS } from '@fogbow/request-model';
import type { Favours } from '@fogbow/request-model';
import { mostIndebted } from './most-indebted.js';
import { networkOfFavoursPicker } from './network-of-favours-picker.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const pickerOf = (trustworthy: boolean) => networkOfFavoursPicker.create({ trustworthy }, host);

memberPickerSuite('picker-network-of-favours among the trustworthy', () => pickerOf(true));
memberPickerSuite('picker-network-of-favours', () => pickerOf(false));

type Accounts = Record<string, Favours>;
const among = (accounts: Accounts) => (member: string) => accounts[member] ?? NO_FAVOURS;
const owes = (amount: number): Favours => ({ consumed: 0, donated: amount });
const earned = (amount: number): Favours => ({ consumed: amount, donated: 0 });

describe.each([true, false])('picker-network-of-favours, trustworthy: %s', (trustworthy) => {
  it.each<[Accounts, string | undefined, string]>([
    [{ b: owes(9), c: owes(20), d: earned(5) }, undefined, 'c'],
    [{ b: owes(9), c: owes(20), d: earned(5) }, 'c', 'c'], // as long as it owes us most
    [{ b: earned(1), d: earned(5) }, 'b', 'c'], // the stranger owes more than those whom we owe
    [{ b: earned(1), c: earned(1), d: earned(5) }, 'b', 'c'], // ties in turn
    [{ b: earned(1), c: earned(1), d: earned(5) }, 'c', 'b'],
    [{}, 'b', 'c'],
  ])('of %j after %s picks %s', (accounts, previous, wanted) => {
    expect(pickerOf(trustworthy).pick(['b', 'c', 'd'], previous, among(accounts))).toBe(wanted);
  });

  it('asks a debtor of any weight before anybody whom we owe', () => {
    fc.assert(fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true }), (debt, credit) => {
      expect(mostIndebted(['b', 'c'], among({ b: earned(credit), c: owes(debt) }), trustworthy)).toEqual(['c']);
    }));
  });
});

it('among the trustworthy nobody owes more than those picked', () => {
  const accounts = fc.dictionary(fc.constantFrom('b', 'c', 'd'), fc.record({ consumed: fc.nat(100), donated: fc.nat(100) }));
  fc.assert(fc.property(accounts, (given) => {
    const [picked = ''] = mostIndebted(['b', 'c', 'd'], among(given), true);
    for (const member of ['b', 'c', 'd']) expect(debtTo(among(given)(picked))).toBeLessThanOrEqual(debtTo(among(given)(member)));
  }));
});
