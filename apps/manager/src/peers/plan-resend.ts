/** Gaps between questions grow up to so many times the first. */
const WIDEST = 4;

/**
 * Pure: is a peer that has not answered to be asked again? First after `resendAfterMs`, then whenever the wait has doubled since it was asked last, and at
 * the latest after four times the first gap: on a slow line more questions make the answers slower still, and a peer that is back must not wait for long.
 * Milliseconds since the order was sent first; `askedAt` is undefined as long as nobody reminded it.
 */
export function isDueToResend(waited: number, askedAt: number | undefined, resendAfterMs: number): boolean {
  if (askedAt === undefined) return waited >= resendAfterMs;
  return waited - askedAt >= Math.min(Math.max(askedAt, resendAfterMs), WIDEST * resendAfterMs);
}
