import fc from 'fast-check';
import { decideAfterProbe } from './decide-after-probe.js';
import { planProbe } from './probe-times.js';
import type { ProbeOutcome } from './run-probe.js';

const outcome: fc.Arbitrary<ProbeOutcome> = fc.oneof(
  fc.record({ kind: fc.constant('measured' as const), seconds: fc.double({ min: 0.01, max: 600, noNaN: true }), isForgotten: fc.boolean() }),
  fc.record({ kind: fc.constant('failed' as const), why: fc.constantFrom('timed-out' as const, 'broken' as const, 'wrong-host-key' as const), reason: fc.string() }),
  fc.record({ kind: fc.constant('away' as const), why: fc.constantFrom('unreachable' as const, 'refused' as const), reason: fc.string() }),
);

test('a machine that is only away is visited again, never later than in 15 s; all else is the end', () => {
  fc.assert(fc.property(outcome, fc.nat(1000), fc.boolean(), (one, tries, isKept) => {
    const next = decideAfterProbe(one, { tries, isKept });
    const heard = isKept && one.kind === 'away' && one.why === 'refused';
    expect(next.kind).toBe(one.kind === 'away' && !heard ? 'again' : 'over');
    if (next.kind === 'again') expect([next.inMs >= 1000, next.inMs <= 15_000]).toEqual([true, true]);
    // A fault is told exactly where no result is known.
    else expect(next.fault !== undefined).toBe(one.kind === 'failed' && !isKept);
  }));
});

test('there is time for a whole try, for more than one where it is short, and the machine keeps the key no shorter than its order waits', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 600 }), (timeoutSeconds) => {
    const { tryMs, leaseMs, patienceMs, forgetAfterSeconds } = planProbe(timeoutSeconds);
    expect(tryMs).toBeGreaterThan(timeoutSeconds * 1000);
    expect(leaseMs).toBeGreaterThan(tryMs);
    expect(patienceMs).toBeGreaterThanOrEqual(timeoutSeconds <= 40 ? 2 * tryMs : tryMs);
    expect(patienceMs).toBeLessThanOrEqual(Math.max(120_000, tryMs));
    expect(forgetAfterSeconds * 1000).toBeGreaterThan(patienceMs);
  }));
});
