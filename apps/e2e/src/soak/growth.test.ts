import fc from 'fast-check';
import { growthOf, leastOfWindows } from './growth.js';
import type { Point } from './growth.js';

const line = (count: number, value: (index: number) => number): Point[] => Array.from({ length: count }, (_, index) => ({ seconds: index * 15, value: value(index) }));

test('a steady leak is told in units an hour, though a load comes and goes upon it', () => {
  const growth = growthOf(line(480, (index) => 100_000 + index * 5 + (index % 7) * 900));
  expect(growth?.perHour).toBeCloseTo(1200, -2);
  expect(growth?.level).toBeGreaterThan(100_000);
});

test('noise without a leak is flat, and so is what only began by growing', () => {
  const noisy = growthOf(line(480, (index) => 100 + ((index * 7919) % 31)));
  expect(Math.abs(noisy?.perHour ?? NaN)).toBeLessThan(1);
  expect(growthOf(line(480, (index) => Math.min(index, 100)))?.perHour).toBe(0);
});

test('a few wild points bend nothing', () => {
  fc.assert(fc.property(fc.array(fc.record({ at: fc.integer({ min: 0, max: 479 }), value: fc.integer({ min: 1, max: 1_000_000 }) }), { maxLength: 8 }), (wild) => {
    const points = line(480, (index) => wild.find(({ at }) => at === index)?.value ?? 50);
    return Math.abs(growthOf(points)?.perHour ?? NaN) < 0.001;
  }));
});

test('a leak is found whatever its slope, exactly where there is no noise', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 1_000_000 }), (perHour, from) =>
    Math.abs((growthOf(line(200, (index) => from + (index * 15 * perHour) / 3600))?.perHour ?? NaN) - perHour) < perHour / 1000));
});

test('too little to say anything', () => {
  expect(growthOf([])).toBeUndefined();
  expect(growthOf(line(1, () => 1))).toBeUndefined();
  expect(leastOfWindows([], 3)).toEqual([]);
});
