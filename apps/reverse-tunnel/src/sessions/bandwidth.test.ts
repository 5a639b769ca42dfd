import fc from 'fast-check';
import { createBandwidth } from './bandwidth.js';

test('without a limit nobody waits', () => expect(createBandwidth(0, () => 0)(1e9)).toBe(0));

test('who waits as told sends no more than allowed', () => {
  fc.assert(fc.property(fc.integer({ min: 1000, max: 1_000_000 }), fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 20, maxLength: 100 }), (rate, pieces) => {
    let [now, sent] = [0, 0];
    const spend = createBandwidth(rate, () => now);
    for (const piece of pieces) { sent += piece; now += spend(piece); }
    return sent <= rate / 2 + now * rate / 1000 + 1;
  }));
});
