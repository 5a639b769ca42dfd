import fc from 'fast-check';
import { asClimb, climbHill, fairnessOf, UNKNOWN_FAIRNESS } from './climb-hill.js';
import type { Climb } from './climb-hill.js';

const RULES = { delta: 0.1, minimumThreshold: 0.75, maximumThreshold: 0.95 };
const at = (capacity: number, rising: boolean, fairness: number, max = 100): Climb => ({ capacity, max, rising, fairness });

describe('one step of the climb', () => {
  it.each<[string, Climb | undefined, number, number, Climb]>([
    ['begins with all there is, looking down', undefined, 0.9, 100, at(100, false, 0.9)],
    ['below the minimum goes down', at(50, true, 0.9), 0.5, 100, at(40, false, 0.5)],
    ['above the maximum goes up', at(50, false, 0.9), 1.2, 100, at(60, true, 1.2)],
    ['between, getting better, goes on down', at(50, false, 0.8), 0.85, 100, at(40, false, 0.85)],
    ['between, getting better, goes on up', at(50, true, 0.8), 0.85, 100, at(60, true, 0.85)],
    ['between, getting worse, turns round', at(50, true, 0.85), 0.8, 100, at(40, false, 0.8)],
    ['between, the same again, turns round', at(50, false, 0.85), 0.85, 100, at(60, true, 0.85)],
    ['at the thresholds is between', at(50, true, 0.7), 0.75, 100, at(60, true, 0.75)],
    ['stops at the top', at(95, true, 0.9), 1.2, 100, at(100, true, 1.2)],
    ['stops at nothing', at(5, false, 0.9), 0.1, 100, at(0, false, 0.1)],
    ['stands while nothing is known', at(50, true, 0.9), UNKNOWN_FAIRNESS, 100, at(50, true, UNKNOWN_FAIRNESS)],
    ['stands while the last is not known', at(50, true, UNKNOWN_FAIRNESS), 0.1, 100, at(50, true, 0.1)],
    ['has all of a cloud that grew', at(100, false, -1), -1, 200, at(200, false, -1, 200)],
    ['keeps its part of a cloud that grew', at(40, false, -1), -1, 200, at(40, false, -1, 200)],
    ['has no more than a cloud that shrank', at(80, false, -1), -1, 50, at(50, false, -1, 50)],
  ])('%s', (_name, before, fairness, max, after) => expect(climbHill(before, fairness, max, RULES)).toEqual(after));

  const rules = fc.record({ delta: fc.double({ min: 0, max: 1, noNaN: true }), minimumThreshold: fc.double({ min: 0, max: 1, noNaN: true }), maximumThreshold: fc.double({ min: 1, max: 2, noNaN: true }) });
  const fairness = fc.oneof(fc.constant(-1), fc.double({ min: 0, max: 3, noNaN: true }));
  const steps = fc.array(fc.tuple(fairness, fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1, maxLength: 30 });

  it('stays between nothing and all, and moves by at most one step in a cloud that stays as it is', () => {
    fc.assert(fc.property(rules, fc.array(fairness, { minLength: 1, maxLength: 30 }), fc.nat(1000), (given, seen, max) => {
      let climb: Climb | undefined;
      for (const one of seen) {
        const next = climbHill(climb, one, max, given);
        expect(next.capacity).toBeGreaterThanOrEqual(0);
        expect(next.capacity).toBeLessThanOrEqual(max);
        expect(Math.abs(next.capacity - (climb?.capacity ?? max))).toBeLessThanOrEqual(given.delta * max + 1e-9);
        climb = next;
      }
    }));
  });

  it('whoever never returns anything has nothing in the end, and whoever returns more than it had, all', () => {
    fc.assert(fc.property(fc.nat(1000), (max) => {
      const after = (seen: number): number => Array.from({ length: 15 }).reduce<Climb | undefined>((climb) => climbHill(climb, seen, max, RULES), undefined)?.capacity ?? -1;
      expect(after(0)).toBeCloseTo(0);
      expect(after(1.5)).toBe(max);
    }));
  });

  it('knows its own memory through JSON and nothing else', () => {
    fc.assert(fc.property(rules, steps, (given, seen) => {
      const climb = seen.reduce<Climb | undefined>((before, [one, max]) => climbHill(before, one, max, given), undefined);
      expect(asClimb(JSON.parse(JSON.stringify(climb)))).toEqual(climb);
    }));
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(asClimb(value)).toBeUndefined()));
  });
});

it.each([[{ consumed: 3, donated: 2 }, 1.5], [{ consumed: 0, donated: 2 }, 0], [{ consumed: 3, donated: 0 }, -1], [{ consumed: 0, donated: 0 }, -1]])('the fairness of %j is %d', (favours, fairness) => {
  expect(fairnessOf(favours)).toBe(fairness);
});
