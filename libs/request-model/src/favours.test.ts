import fc from 'fast-check';
import { creditOf, debtTo, NO_FAVOURS } from './favours.js';

const amount = fc.double({ min: 0, max: 1e9, noNaN: true });
const favours = fc.record({ consumed: amount, donated: amount });

describe('favours', () => {
  it.each([
    [{ consumed: 10, donated: 4 }, 6, 6, 8],
    [{ consumed: 4, donated: 10 }, -6, -6, 0],
    [{ consumed: 0, donated: 100 }, -100, -100, 0],
    [{ consumed: 100, donated: 100 }, 0, 0, 10],
    [NO_FAVOURS, 0, 0, 0],
  ])('%j: debt %d, credit %d among the trustworthy and %d among others', (given, debt, trusted, untrusted) => {
    expect([debtTo(given), creditOf(given, true), creditOf(given, false)]).toEqual([debt, trusted, untrusted]);
  });

  it('a new name is never worth more than no credit among those who are not trusted', () => {
    fc.assert(fc.property(favours, (given) => expect(creditOf(given, false)).toBeGreaterThanOrEqual(creditOf(NO_FAVOURS, false))));
  });

  it('more that we had of a member never lowers its credit', () => {
    fc.assert(fc.property(favours, amount, fc.boolean(), (given, more, trustworthy) => {
      expect(creditOf({ ...given, consumed: given.consumed + more }, trustworthy)).toBeGreaterThanOrEqual(creditOf(given, trustworthy));
    }));
  });
});
