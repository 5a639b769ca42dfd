import type { HeardMember } from '@fogbow/messaging';

/** Strictly longer than the timeout (spec §3.3). */
export const isSilent = (lastSeen: number, now: number, timeoutMs: number): boolean => lastSeen + timeoutMs < now;

/**
 * When a neighbour's member was heard, in our time. The neighbour counted its silence after we asked, so from then on it was silent for at least as
 * long: the result is never later than the truth. The millisecond makes up for what both sides cut off of their own.
 */
export const heardAt = ({ quietForMs }: Pick<HeardMember, 'quietForMs'>, askedAt: number): number => askedAt - quietForMs - 1;

export type MergeDecision = 'enter' | 'refresh' | 'refuse' | 'ignore';

export interface MergeFacts {
  readonly heardAt: number;
  /** When the member was last seen by what we know; undefined: it is not known. */
  readonly knownAt: number | undefined;
  readonly now: number;
  readonly timeoutMs: number;
  readonly isFull: boolean;
}

/** What becomes of one member of a neighbour: newer wins, the dead stay dead, and a full table takes no more. */
export function decideMerge({ heardAt: heard, knownAt, now, timeoutMs, isFull }: MergeFacts): MergeDecision {
  if (isSilent(heard, now, timeoutMs)) return 'ignore';
  if (knownAt === undefined) return isFull ? 'refuse' : 'enter';
  return heard > knownAt ? 'refresh' : 'ignore';
}
