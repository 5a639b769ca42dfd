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

export function createPoolClock(clock: Pick<Clock, 'now' | 'uptime'>): PoolClock {
  let offset = clock.now().getTime() - clock.uptime();
  return {
    now: () => Math.round(clock.uptime() + offset),
    heard(redisMs, askedAt) { offset = redisMs - (askedAt + clock.uptime()) / 2; },
  };
}
