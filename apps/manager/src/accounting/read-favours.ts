import type { Kysely } from 'kysely';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Favours, MemberId } from '@fogbow/request-model';
import type { Benchmark } from '@fogbow/plugin-contracts';
import { remembered } from '@fogbow/service-runtime';
import type { Clock } from '@fogbow/service-runtime';
import type { SizeOf, SizeWish } from './machine-size.js';
import { readUse } from './read-use.js';
import type { Use } from './read-use.js';

/** What we and each member that we ever dealt with did for each other. */
export type ReadFavours = () => Promise<Readonly<Record<MemberId, Favours>>>;

/** The power of a machine of that size that was not measured; spec §2.5: 1 where the size is not known here. */
export type PowerOf = (machine: SizeWish) => number;

export function createPowerOf(sizeOf: SizeOf, benchmark: Benchmark): PowerOf {
  return (wish) => {
    const size = sizeOf(wish);
    return size ? benchmark.powerOf(size) : 1;
  };
}

/** Pure: power × seconds. */
export function powerSecondsOf(use: Use, powerOf: PowerOf): number {
  return use.measuredPowerSeconds + (use.unmeasuredSeconds > 0 ? powerOf(use) * use.unmeasuredSeconds : 0);
}

export interface FavoursOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly powerOf: PowerOf;
}

export function createReadFavours({ self, database, powerOf }: FavoursOptions): ReadFavours {
  return async () => sumFavours(await readUse(database, { kind: 'compute', abroadFor: self }), self, powerOf);
}

/** Favours change by the minute, and rounds of placement follow each other within milliseconds. */
const FRESH_MS = 2000;

/** The same, read at most every two seconds. */
export const withoutHaste = (read: ReadFavours, clock: Pick<Clock, 'uptime'>): ReadFavours => remembered(read, FRESH_MS, clock);

/** Pure: by other member, in power × minutes. */
export function sumFavours(uses: readonly Use[], self: MemberId, powerOf: PowerOf): Record<MemberId, Favours> {
  const sums = new Map<MemberId, Favours>();
  for (const use of uses) {
    const other = use.requester === self ? use.provider : use.requester;
    const amount = powerSecondsOf(use, powerOf) / 60;
    const sum = sums.get(other) ?? NO_FAVOURS;
    sums.set(other, use.requester === self ? { ...sum, consumed: sum.consumed + amount } : { ...sum, donated: sum.donated + amount });
  }
  return Object.fromEntries(sums);
}
