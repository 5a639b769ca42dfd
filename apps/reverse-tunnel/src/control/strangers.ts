import type { RefusalReason } from '../sessions/refusal-reason.js';
import { sourceOf } from './penalties.js';
import type { Penalties } from './penalties.js';

export interface StrangerLimits {
  /** Connections that have not logged in, in all and from one address. */
  readonly unauthenticated: number;
  readonly unauthenticatedPerAddress: number;
}

/** So many at a time may knock from an address that has to wait but from which machines are logged in: behind one address there may be good and bad. */
const KNOWN_PLACES = 2;

/** Connections that have not logged in yet: how many, from where, and who may be one more. Over all workers. */
export interface Strangers {
  /** Undefined, and it counts from now on; else why not. `isKnown`: machines are logged in from this address. */
  admit(address: string, isKnown: boolean, now: number): RefusalReason | undefined;
  gone(address: string): void;
  count(): number;
}

export function createStrangers(limits: StrangerLimits, penalties: Penalties): Strangers {
  const perSource = new Map<string, number>();
  let all = 0;
  return {
    admit(address, isKnown, now) {
      const source = sourceOf(address);
      const here = perSource.get(source) ?? 0;
      if (penalties.waits(address, now) > 0 && !(isKnown && here < KNOWN_PLACES)) return 'penalty';
      if (all >= limits.unauthenticated) return 'too-many-strangers';
      if (here >= limits.unauthenticatedPerAddress) return 'too-many-from-address';
      perSource.set(source, here + 1);
      all += 1;
      return undefined;
    },
    gone(address) {
      const source = sourceOf(address);
      const left = (perSource.get(source) ?? 1) - 1;
      if (left > 0) perSource.set(source, left);
      else perSource.delete(source);
      all = Math.max(0, all - 1);
    },
    count: () => all,
  };
}
