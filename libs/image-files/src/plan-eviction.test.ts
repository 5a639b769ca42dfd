import fc from 'fast-check';
import { planEviction } from './plan-eviction.js';

const file = fc.record({ path: fc.uuid(), bytes: fc.nat(100), usedAt: fc.nat(10), isInUse: fc.boolean() });

test('what goes is not in use, was used before all that stays, and is not more than it takes', () => {
  fc.assert(fc.property(fc.uniqueArray(file, { selector: ({ path }) => path }), fc.nat(200), fc.nat(400), (files, needed, limit) => {
    const { evict, lacks } = planEviction(files, needed, limit);
    const gone = files.filter(({ path }) => evict.includes(path));
    const kept = files.filter(({ path }) => !evict.includes(path));
    const left = (some: typeof files): number => some.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(gone.some(({ isInUse }) => isInUse)).toBe(false);
    const youngest = Math.max(-1, ...gone.map(({ usedAt }) => usedAt));
    expect(kept.every(({ isInUse, usedAt }) => isInUse || usedAt >= youngest)).toBe(true);
    expect(lacks).toBe(Math.max(0, left(kept) + needed - limit));
    const last = gone.find(({ path }) => path === evict.at(-1));
    if (last) expect(left(kept) + last.bytes + needed).toBeGreaterThan(limit);
    if (lacks > 0) expect(kept.every(({ isInUse }) => isInUse)).toBe(true);
  }));
});
