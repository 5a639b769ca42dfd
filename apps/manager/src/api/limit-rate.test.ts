import fc from 'fast-check';
import { createRateLimit } from './limit-rate.js';

test('in no stretch of time is more let through than a minute\'s worth and the rate; who waits as told is let in', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 600 }), fc.array(fc.nat(2000), { minLength: 1, maxLength: 300 }), (perMinute, pauses) => {
    let now = 0;
    const take = createRateLimit({ perMinute, clock: { uptime: () => now } });
    let passed = 0;
    for (const pause of pauses) {
      now += pause;
      const waitMs = take('alice');
      if (waitMs === 0) passed += 1;
      else {
        now += Math.ceil(waitMs);
        expect(take('alice')).toBe(0);
        passed += 1;
      }
      expect(passed).toBeLessThanOrEqual(perMinute + now * perMinute / 60_000 + 1e-6);
    }
  }));
});

test('callers do not share their allowance', () => {
  const take = createRateLimit({ perMinute: 1, clock: { uptime: () => 0 } });
  expect([take('alice'), take('bob')]).toEqual([0, 0]);
  expect(take('alice')).toBe(60_000);
});

test('of more callers than are remembered, the one that was quiet for the longest is forgotten', () => {
  const take = createRateLimit({ perMinute: 1, clock: { uptime: () => 0 }, most: 2 });
  for (const caller of ['alice', 'bob', 'alice', 'carol']) take(caller);
  expect([take('alice'), take('bob')]).toEqual([60_000, 0]);
});
