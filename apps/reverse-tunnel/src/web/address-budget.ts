import type { Clock } from '@fogbow/service-runtime';

/** Token buckets by address: a minute's worth at once, then at an even rate. */
export interface AddressBudget {
  /** Takes `cost` if it is there; false, and nothing is taken, when it is not. */
  take(address: string, cost?: number): boolean;
}

export interface AddressBudgetOptions {
  readonly perMinute: number;
  readonly clock: Pick<Clock, 'uptime'>;
  /** Addresses that are remembered; above, those that have been quiet longest are forgotten. */
  readonly most?: number;
}

const MINUTE_MS = 60_000;

export function createAddressBudget({ perMinute, clock, most = 10_000 }: AddressBudgetOptions): AddressBudget {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(address, cost = 1) {
      const now = clock.uptime();
      const bucket = buckets.get(address) ?? { left: perMinute, at: now };
      const left = Math.min(perMinute, bucket.left + ((now - bucket.at) * perMinute) / MINUTE_MS);
      const isThere = left >= cost;
      // Put behind the others: the first of the map is the one that has been quiet longest.
      buckets.delete(address);
      buckets.set(address, { left: isThere ? left - cost : left, at: now });
      if (buckets.size > most) buckets.delete(buckets.keys().next().value ?? '');
      return isThere;
    },
  };
}
