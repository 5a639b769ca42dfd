import type { Clock } from '@fogbow/service-runtime';

/**
 * The clock of the tunnel's Redis, by which all hosts say when a session began: of two sessions of a machine at two hosts that one counts that began later,
 * and the clocks of hosts differ. It goes on while Redis is away. Before Redis was heard for the first time it is our own.
 */
export interface PoolClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Redis said `redisMs` in answer to a question asked at `askedAt` (uptime); the middle of the way is when it said so. */
  heard(redisMs: number, askedAt: number): void;
}

const TRUSTED_MS = 60_000;

export function createPoolClock(clock: Pick<Clock, 'now' | 'uptime'>): PoolClock {
  let offset = clock.now().getTime() - clock.uptime();
  let best = { errorMs: Infinity, at: -Infinity };
  return {
    now: () => Math.round(clock.uptime() + offset),
    heard(redisMs, askedAt) {
      const at = clock.uptime();
      const errorMs = (at - askedAt) / 2;
      // A busy host hears the answer late: what was heard sooner is closer to the truth, until the clocks may have drifted apart.
      if (errorMs > best.errorMs && at - best.at < TRUSTED_MS) return;
      best = { errorMs, at };
      offset = redisMs - (askedAt + at) / 2;
    },
  };
}
