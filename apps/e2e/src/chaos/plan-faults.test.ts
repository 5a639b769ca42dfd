import fc from 'fast-check';
import { numbersOf, planFaults } from './plan-faults.js';
import type { Fault } from './plan-faults.js';

const plans = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }), durationMs: fc.integer({ min: 0, max: 5 * 60_000 }),
  services: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 }), legs: fc.uniqueArray(fc.string({ minLength: 1 }).map((name) => `${name}↔`), { maxLength: 6 }),
});
const overlap = (a: Fault, b: Fault): boolean => a.at <= b.at + b.forMs && b.at <= a.at + a.forMs;

test('the same seed, the same plan', () => fc.assert(fc.property(plans, (plan) => expect(planFaults(plan)).toEqual(planFaults(plan)))));

test('faults come in order, are over in time, and hit what they can', () => fc.assert(fc.property(plans, (plan) => {
  const faults = planFaults(plan);
  for (const [index, { at, kind, target, forMs }] of faults.entries()) {
    expect(at).toBeGreaterThan(faults[index - 1]?.at ?? 0);
    expect(at + forMs).toBeLessThanOrEqual(plan.durationMs);
    expect(kind === 'cut' ? plan.legs : plan.services).toContain(target);
    expect(forMs === 0).toBe(kind === 'kill');
  }
})));

test('nothing is hit while it is hit already', () => fc.assert(fc.property(plans, (plan) => {
  const faults = planFaults(plan);
  for (const [index, one] of faults.entries()) expect(faults.slice(index + 1).filter((other) => other.target === one.target && overlap(one, other))).toEqual([]);
})));

test('half an hour has something of everything', () => fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
  const faults = planFaults({ seed, durationMs: 30 * 60_000, services: ['s', 't', 'u', 'v', 'w', 'x'], legs: ['l', 'm', 'n'] });
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'pause', 'cut']));
  expect(new Set(faults.map(({ target }) => target)).size).toBe(9);
}), { numRuns: 50 }));

test('numbers are spread over 0 to 1', () => {
  const next = numbersOf(1);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let count = 0; count < 10_000; count += 1) { const at = Math.floor(next() * 10); tenths[at] = (tenths[at] ?? 0) + 1; }
  expect(Math.min(...tenths)).toBeGreaterThan(850);
});
