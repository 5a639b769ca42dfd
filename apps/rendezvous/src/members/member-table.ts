import type { HeardMember, MemberStatus, PageQuery } from '@fogbow/messaging';
import type { MemberId } from '@fogbow/request-model';

/** What a member says of itself. */
export interface MemberFacts {
  readonly id: MemberId;
  readonly certificate?: string;
  readonly status?: MemberStatus;
}

/** A member that is alive, as a page shows it. */
export interface LivingMember extends MemberFacts {
  /** Milliseconds since it was last heard of. */
  readonly quietForMs: number;
}

export interface MemberPage {
  readonly members: readonly LivingMember[];
  /** On all pages together. */
  readonly total: number;
  /** Position of the page's first member in the whole list; where the page is empty, it says nothing. */
  readonly index: number;
}

export interface AnnounceOutcome {
  readonly isNew: boolean;
  /** The member lived, and its certificate is another one now. */
  readonly certificateChanged: boolean;
}

export interface MergeOutcome {
  /** Members that were not known. */
  readonly entered: number;
  /** Known members of which this was newer. */
  readonly refreshed: number;
  /** Members that found no room. */
  readonly refused: number;
  readonly certificatesChanged: readonly MemberId[];
}

/**
 * Who is alive, by the rules of spec §3.3: called by the handlers of messages, the gossip and the sweep, all at once. Each call is one step
 * that others see whole or not at all. The table has its own time, in milliseconds since a moment of its choice; every call
 * first drops who was silent for longer than the timeout. Errors of every call: `unavailable`, when where it is kept does not answer.
 */
export interface MemberTable {
  now(): Promise<number>;
  /** Enters or refreshes a member that spoke just now; its latest words replace the earlier ones. Errors: too-many-requests when the table is full. */
  announce(facts: MemberFacts): Promise<AnnounceOutcome>;
  /** Takes over what a neighbour knows better. `askedAt`: the table's time when it was asked, from which its silences count. */
  merge(heard: readonly HeardMember[], askedAt: number): Promise<MergeOutcome>;
  /** Members in order of id, at most min(max, pageMax). Errors: not-found for an unknown `after` or `before` or a position beyond the end; bad-syntax when more than one is given. */
  page(query: PageQuery, pageMax: number): Promise<MemberPage>;
  /** Only drops the silent. */
  expire(): Promise<void>;
}

export interface MemberTableOptions {
  /** Milliseconds of silence after which a member is dropped; nobody's own may prolong it. */
  readonly timeoutMs: number;
  /** New members beyond are refused. */
  readonly maxMembers: number;
  /** Told who was dropped, whichever call found it. */
  readonly onDropped?: (members: readonly MemberId[]) => void;
}
