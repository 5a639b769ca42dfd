import type { MemberId } from '@fogbow/request-model';
import type { AssessPolicy } from './assess-instance.js';

const LONGEST_PAUSE_MS = 300_000;

/** The rules of the configuration; the pause after a failed boot doubles each time. */
export function createAssessPolicy(
  self: MemberId, { bootDeadlineMs, maxFailedBoots, lostAfterMs }: Pick<AssessPolicy, 'bootDeadlineMs' | 'maxFailedBoots' | 'lostAfterMs'>,
): Omit<AssessPolicy, 'now' | 'silence'> {
  return { self, lostAfterMs, bootDeadlineMs, maxFailedBoots, retryAfter: (failed) => Math.min(1000 * 2 ** failed, LONGEST_PAUSE_MS) };
}
