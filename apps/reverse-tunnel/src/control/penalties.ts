import type { StrangerEnd } from '../workers/contract.js';

/**
 * Seconds that an address has to wait for how a connection of it ended; as OpenSSH's PerSourcePenalties, with its numbers. A login takes some off: many machines
 * may stand behind one address, and of two hundred that come back at once a few do not succeed the first time.
 */
const PENALTIES: Readonly<Record<StrangerEnd, number>> = { 'logged-in': -5, 'wrong-secret': 5, 'login-grace': 10, 'no-login': 1, handshake: 1 };

export interface PenaltyLimits {
  /** Below it (ms) nobody is turned away: anybody may err. */
  readonly min: number;
  /** Nobody has to wait longer (ms). */
  readonly max: number;
  /** So many addresses are remembered; of more those go first that have the least to wait. */
  readonly addresses: number;
}

export const PENALTY_LIMITS: PenaltyLimits = { min: 15_000, max: 600_000, addresses: 65_536 };

/** Who has to wait, and until when. Pure: time comes in as `now` (ms of a clock that never jumps). */
export interface Penalties {
  note(address: string, end: StrangerEnd, now: number): void;
  /** Milliseconds that the address has to wait; 0 for most. */
  waits(address: string, now: number): number;
  size(): number;
}

interface Entry { until: number; isActive: boolean }

/** `isExempt`: this address never has to wait. */
export function createPenalties(limits: PenaltyLimits, isExempt: (address: string) => boolean = () => false): Penalties {
  const entries = new Map<string, Entry>();
  const forget = (now: number): void => {
    for (const [address, { until }] of entries) if (until <= now) entries.delete(address);
    if (entries.size < limits.addresses) return;
    // Memory is bounded whatever comes: a tenth goes, those first that would be free first.
    const soonest = [...entries].sort(([, a], [, b]) => a.until - b.until).slice(0, Math.ceil(limits.addresses / 10));
    for (const [address] of soonest) entries.delete(address);
  };
  return {
    note(address, end, now) {
      const penalty = PENALTIES[end] * 1000;
      const place = sourceOf(address);
      if ((penalty < 0 && !entries.has(place)) || isExempt(place.endsWith('/64') ? address : place)) return;
      if (!entries.has(place) && entries.size >= limits.addresses) forget(now);
      const entry = entries.get(place) ?? { until: now, isActive: false };
      if (entry.until <= now) entry.isActive = false;
      entry.until = Math.max(now, Math.min(Math.max(entry.until, now) + penalty, now + limits.max));
      entry.isActive ||= entry.until - now >= limits.min;
      entries.set(place, entry);
    },
    waits(address, now) {
      const entry = entries.get(sourceOf(address));
      if (!entry || entry.until <= now) return 0;
      return entry.isActive ? entry.until - now : 0;
    },
    size: () => entries.size,
  };
}

/** One host or one network: an IPv4 address (also one written in IPv6), or the first 64 bits of an IPv6 address. */
export function sourceOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0');
  return `${[...groups, ...middle, ...last].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
