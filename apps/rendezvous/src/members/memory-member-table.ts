import type { HeardMember } from '@fogbow/messaging';
import type { MemberId } from '@fogbow/request-model';
import type { Clock } from '@fogbow/service-runtime';
import type { LivingMember, MemberFacts, MemberTable, MemberTableOptions, MergeOutcome } from './member-table.js';
import { pageWish, placePage } from './page-wish.js';
import { decideMerge, heardAt, isSilent } from './silence.js';
import { rankIn } from './sorted-ids.js';
import { fullTable, noSuchPage } from './table-errors.js';

export interface MemoryTableOptions extends MemberTableOptions {
  /** The table's time is its uptime, which never jumps. */
  readonly clock: Pick<Clock, 'uptime'>;
}

interface Entry {
  readonly facts: MemberFacts;
  readonly lastSeen: number;
}

/** The table of one process, which begins empty and is filled by the next announcements. */
export function createMemoryMemberTable({ clock, timeoutMs, maxMembers, onDropped }: MemoryTableOptions): MemberTable {
  const entries = new Map<MemberId, Entry>();
  let sorted: readonly MemberId[] | undefined;
  const now = (): number => Math.floor(clock.uptime());
  const drop = (at: number): void => {
    const gone = [...entries.values()].filter(({ lastSeen }) => isSilent(lastSeen, at, timeoutMs)).map(({ facts }) => facts.id);
    if (gone.length === 0) return;
    for (const id of gone) entries.delete(id);
    sorted = undefined;
    onDropped?.(gone);
  };
  /** The time of this step, after the silent are gone. */
  const step = (): number => {
    const at = now();
    drop(at);
    return at;
  };
  const enter = (facts: MemberFacts, lastSeen: number): boolean => {
    const known = entries.get(facts.id);
    entries.set(facts.id, { facts, lastSeen });
    if (!known) sorted = undefined;
    return known !== undefined && known.facts.certificate !== facts.certificate;
  };
  return {
    now: async () => now(),
    expire: async () => void step(),
    async announce(facts) {
      const at = step();
      const isNew = !entries.has(facts.id);
      if (isNew && entries.size >= maxMembers) throw fullTable();
      return { isNew, certificateChanged: enter(facts, at) };
    },
    async merge(heard, askedAt) {
      const at = step();
      const outcome = { entered: 0, refreshed: 0, refused: 0, certificatesChanged: [] as MemberId[] } satisfies MergeOutcome;
      for (const member of heard) {
        const seen = heardAt(member, Math.min(askedAt, at));
        const decision = decideMerge({ heardAt: seen, knownAt: entries.get(member.id)?.lastSeen, now: at, timeoutMs, isFull: entries.size >= maxMembers });
        if (decision === 'refuse') outcome.refused += 1;
        if (decision !== 'enter' && decision !== 'refresh') continue;
        outcome[decision === 'enter' ? 'entered' : 'refreshed'] += 1;
        if (enter(factsOf(member), seen)) outcome.certificatesChanged.push(member.id);
      }
      return outcome;
    },
    async page(query, pageMax) {
      const at = step();
      const wish = pageWish(query, pageMax);
      const ids = (sorted ??= [...entries.keys()].sort());
      const place = placePage(wish, ids.length, (id) => (entries.has(id) ? rankIn(ids, id) : undefined));
      if (!place) throw noSuchPage(wish);
      const members = ids.slice(place.start, place.end).map((id) => living(entries.get(id) as Entry, at));
      return { members, total: ids.length, index: place.start };
    },
  };
}

const living = ({ facts, lastSeen }: Entry, now: number): LivingMember => ({ ...facts, quietForMs: now - lastSeen });

/** What a neighbour says of a member without the times. */
const factsOf = ({ id, certificate, status }: HeardMember): MemberFacts => ({ id, ...(certificate ? { certificate } : {}), ...(status ? { status } : {}) });
