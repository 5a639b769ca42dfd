import { FogbowError } from '@fogbow/plugin-contracts';
import type { MembersQuery } from '@fogbow/messaging';
import type { MemberId } from '@fogbow/request-model';

/** What the Rendezvous knows of a member. Everything that another Rendezvous would need to take it over is here. */
export interface MemberEntry {
  readonly id: MemberId;
  readonly lastSeen: Date;
  /** Milliseconds of silence after which the member is dropped. */
  readonly timeoutMs: number;
  readonly certificate?: string;
}

export interface RegistryPage {
  readonly members: readonly MemberEntry[];
  /** On all pages together. */
  readonly total: number;
  readonly more: boolean;
}

/** Who is alive, by the rules of spec §3.3. No clock and no I/O: time is an argument. */
export interface MemberRegistry {
  /** Enters or refreshes a member; news older than what is known changes nothing. Errors: too-many-requests when the table is full. */
  announce(entry: MemberEntry): void;
  /** Drops who was silent for longer than its timeout, and returns their ids. */
  expire(now: Date): MemberId[];
  /** Members strictly after `after` in order of id, at most min(max, pageMax). Errors: not-found for an unknown `after`. */
  page(query: MembersQuery, pageMax: number): RegistryPage;
}

export const MAX_MEMBERS = 10_000;

export function createMemberRegistry(maxMembers = MAX_MEMBERS): MemberRegistry {
  const entries = new Map<MemberId, MemberEntry>();
  let sorted: MemberId[] | undefined;
  const inOrder = (): MemberId[] => (sorted ??= [...entries.keys()].sort());
  return {
    announce(entry) {
      const known = entries.get(entry.id);
      if (known && known.lastSeen > entry.lastSeen) return;
      if (!known && entries.size >= maxMembers) throw new FogbowError('too-many-requests', 'The federation has no room for another member.');
      if (!known) sorted = undefined;
      entries.set(entry.id, entry);
    },
    expire(now) {
      const gone = [...entries.values()].filter(({ lastSeen, timeoutMs }) => lastSeen.getTime() + timeoutMs < now.getTime()).map(({ id }) => id);
      for (const id of gone) entries.delete(id);
      if (gone.length > 0) sorted = undefined;
      return gone;
    },
    page({ max, after }, pageMax) {
      const ids = inOrder();
      if (after !== undefined && !entries.has(after)) throw new FogbowError('not-found', `${after} is not a member; begin with the first page.`);
      const start = after === undefined ? 0 : positionAfter(ids, after);
      const wanted = ids.slice(start, start + Math.min(max ?? pageMax, pageMax));
      return { members: wanted.map((id) => entries.get(id) as MemberEntry), total: ids.length, more: start + wanted.length < ids.length };
    },
  };
}

/** Binary search: whole lists are read page by page, and a scan per page would make that quadratic. */
function positionAfter(ids: readonly MemberId[], after: MemberId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as MemberId) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
