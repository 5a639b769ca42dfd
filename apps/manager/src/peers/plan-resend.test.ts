import fc from 'fast-check';
import { isDueToResend } from './plan-resend.js';

/** When a peer is asked again that never answers, looked at every `period`. */
function questions(resendAfterMs: number, period: number, until: number): number[] {
  const asked: number[] = [];
  for (let waited = 0; waited <= until; waited += period) if (isDueToResend(waited, asked.at(-1), resendAfterMs)) asked.push(waited);
  return asked;
}

it('asks after the first gap, then when the wait has doubled, then every four gaps', () => {
  expect(questions(15, 5, 300)).toEqual([15, 30, 60, 120, 180, 240, 300]);
});

it('never asks sooner than the first gap, nor leaves a peer alone for longer than four of them and a look', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (resendAfter, period) => {
    const until = 50 * Math.max(resendAfter, period);
    const asked = [0, ...questions(resendAfter, period, until)];
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(resendAfter);
    expect(Math.max(...gaps)).toBeLessThan(4 * resendAfter + period);
    expect(until - (asked.at(-1) ?? 0)).toBeLessThan(4 * resendAfter + period);
  }));
});
