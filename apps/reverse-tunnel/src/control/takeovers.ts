const BURST = 4;
const REFILL_MS = 15_000;

/**
 * The newest session of a grant wins: a machine that rebooted must not wait until its former life times out. But two machines with one grant would push each
 * other out for ever, at a login each time; so a grant may change hands four times at once and then every fifteen seconds, and between that the
 * one that is there stays. Pure: `now` is in milliseconds of a clock that never jumps.
 */
export interface Takeovers {
  /** False: the newer one is turned away. */
  allows(grantId: string, now: number): boolean;
  /** Another host has taken the grant from us. */
  lost(grantId: string, now: number): void;
  /** It did so a moment ago: who comes back to us takes it over once more. */
  wasLost(grantId: string, now: number): boolean;
}

export function createTakeovers(): Takeovers {
  const losses = new Map<string, number>();
  const marks = new Map<string, { left: number; at: number }>();
  return {
    wasLost: (grantId, now) => now - (losses.get(grantId) ?? -Infinity) < REFILL_MS,
    lost(grantId, now) {
      for (const [id, at] of losses) {
        if (now - at < REFILL_MS) break;
        losses.delete(id);
      }
      losses.delete(grantId);
      losses.set(grantId, now);
    },
    allows(grantId, now) {
      for (const [id, { at }] of marks) {
        if (now - at < BURST * REFILL_MS) break;
        marks.delete(id);
      }
      const mark = marks.get(grantId) ?? { left: BURST, at: now };
      const left = Math.min(BURST, mark.left + (now - mark.at) / REFILL_MS);
      const isAllowed = left >= 1;
      // The longest untouched stand first.
      marks.delete(grantId);
      marks.set(grantId, { left: isAllowed ? left - 1 : left, at: now });
      return isAllowed;
    },
  };
}
