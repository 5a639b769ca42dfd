/** How the capacity given away is steered (spec §2.5). */
export interface ClimbRules {
  /** Size of a step, as a share of all that there is: 0 to 1. */
  readonly delta: number;
  /** Fairness below which less is given. */
  readonly minimumThreshold: number;
  /** Fairness above which more is given. */
  readonly maximumThreshold: number;
}

/** Where a climb stands. Plain JSON: it is kept across restarts. */
export interface Climb {
  /** What may be given away now, from 0 to `max`. */
  readonly capacity: number;
  readonly max: number;
  readonly rising: boolean;
  /** What we had per what we gave, at the last step; below zero it was not known. */
  readonly fairness: number;
}

/** Nothing was given yet, so it is not known whether it was returned. */
export const UNKNOWN_FAIRNESS = -1;

export function fairnessOf({ consumed, donated }: { readonly consumed: number; readonly donated: number }): number {
  // JSON knows no Infinity.
  return donated > 0 ? Math.min(consumed / donated, Number.MAX_VALUE) : UNKNOWN_FAIRNESS;
}

/**
 * Pure: one step. With two fairnesses in a row known: below the minimum it goes down, above the maximum up, and between them it turns round when it did not
 * get better. A climb begins at the top, looking down, and stands still while nothing is known.
 */
export function climbHill(before: Climb | undefined, fairness: number, max: number, rules: ClimbRules): Climb {
  if (!before) return { capacity: max, max, rising: false, fairness };
  // Who had all has all also of a cloud that grew; who had less keeps it while there is so much.
  const held = before.capacity >= before.max ? max : Math.min(before.capacity, max);
  if (fairness < 0 || before.fairness < 0) return { capacity: held, max, rising: before.rising, fairness };
  const rising = directionOf(before, fairness, rules);
  const step = rules.delta * max;
  return { capacity: rising ? Math.min(max, held + step) : Math.max(0, held - step), max, rising, fairness };
}

function directionOf(before: Climb, fairness: number, { minimumThreshold, maximumThreshold }: ClimbRules): boolean {
  if (fairness < minimumThreshold) return false;
  if (fairness > maximumThreshold) return true;
  return fairness <= before.fairness ? !before.rising : before.rising;
}

/** A climb read back from JSON; undefined for anything else. */
export function asClimb(value: unknown): Climb | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { capacity, max, rising, fairness } = value as Record<string, unknown>;
  const isClimb = [capacity, max, fairness].every((part) => Number.isFinite(part)) && typeof rising === 'boolean' && Number(capacity) >= 0 && Number(capacity) <= Number(max);
  return isClimb ? value as Climb : undefined;
}
