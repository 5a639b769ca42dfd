import fc from 'fast-check';
import { createTakeovers } from './takeovers.js';

test('four at once, then one every fifteen seconds, for each grant', () => {
  const takeovers = createTakeovers();
  expect([0, 1, 2, 3, 4].map(() => takeovers.allows('g', 0))).toEqual([true, true, true, true, false]);
  expect([takeovers.allows('h', 0), takeovers.allows('g', 14_000), takeovers.allows('g', 16_000), takeovers.allows('g', 17_000)]).toEqual([true, false, true, false]);
  expect([1, 2, 3, 4, 5].map(() => takeovers.allows('g', 200_000))).toEqual([true, true, true, true, false]);
});

test('however it is asked, a grant changes hands no more often', () => {
  fc.assert(fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (pauses) => {
    const takeovers = createTakeovers();
    let [now, given] = [0, 0];
    for (const pause of pauses) { now += pause; if (takeovers.allows('g', now)) given += 1; }
    return given <= 4 + now / 15_000;
  }));
});

test('a grant that another host took a moment ago is contested, and later it is not', () => {
  const takeovers = createTakeovers();
  expect(takeovers.wasLost('g', 0)).toBe(false);
  takeovers.lost('g', 1000);
  expect([takeovers.wasLost('g', 15_999), takeovers.wasLost('g', 16_000)]).toEqual([true, false]);
  takeovers.lost('h', 20_000);
  expect([takeovers.wasLost('g', 20_000), takeovers.wasLost('h', 20_001)]).toEqual([false, true]);
});
