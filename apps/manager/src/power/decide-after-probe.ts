import type { ProbeOutcome } from './run-probe.js';

export type AfterProbe =
  /** `fault`: why the machine counts by its size. */
  | { readonly kind: 'over'; readonly fault?: string }
  | { readonly kind: 'again'; readonly inMs: number; readonly fault: string };

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Pure: what follows from one try. A machine that runs may not let us in yet, since its user data are still on their way; whoever knows the result already and is not
 * let in any more was heard in the end.
 */
export function decideAfterProbe(outcome: ProbeOutcome, { tries, isKept }: { readonly tries: number; readonly isKept: boolean }): AfterProbe {
  if (outcome.kind === 'measured') return { kind: 'over' };
  if (isKept && (outcome.kind === 'failed' || outcome.why === 'refused')) return { kind: 'over' };
  if (outcome.kind === 'failed') return { kind: 'over', fault: outcome.reason };
  return { kind: 'again', inMs: Math.min(FIRST_PAUSE_MS * 2 ** Math.min(Math.max(tries - 1, 0), 10), LONGEST_PAUSE_MS), fault: outcome.reason };
}
