import type { Response } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Clock } from '@fogbow/service-runtime';
import type { Authenticate } from './authenticate.js';

/** Takes one request of a caller; answers 0, or the milliseconds after which there is room for it. */
export type RateLimit = (caller: string) => number;

/** So many callers are remembered; those who have been quiet for the longest are forgotten first. */
const MOST_CALLERS = 10_000;
/** One request; so much comes back in a minute for each that a minute allows. */
const ONE = 60_000;

/** A token bucket for each caller, in the memory of this process: a minute's worth at once, then at an even rate. */
export function createRateLimit({ perMinute, clock, most = MOST_CALLERS }: { readonly perMinute: number; readonly clock: Pick<Clock, 'uptime'>; readonly most?: number }): RateLimit {
  // In parts of a request, so that whole milliseconds give whole numbers.
  const full = perMinute * ONE;
  const buckets = new Map<string, { left: number; at: number }>();
  return (caller) => {
    const now = clock.uptime();
    const bucket = buckets.get(caller) ?? { left: full, at: now };
    const left = Math.min(full, bucket.left + (now - bucket.at) * perMinute);
    // A map keeps its keys by the time of their writing: the first one has been quiet for the longest.
    buckets.delete(caller);
    if (buckets.size >= most) buckets.delete(buckets.keys().next().value ?? '');
    buckets.set(caller, { left: left >= ONE ? left - ONE : left, at: now });
    return left >= ONE ? 0 : (ONE - left) / perMinute;
  };
}

/** Refuses with the time after which to ask again (RFC 9110 §10.2.3). */
export function enforceRate(limit: RateLimit, caller: string, response: Response): void {
  const waitMs = limit(caller);
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  response.set('Retry-After', String(seconds));
  throw new FogbowError('too-many-requests', `You ask too often; try again in ${seconds} s.`);
}

/** Counts a request once its user is known, under whichever path it came. */
export function withRateLimit(authenticate: Authenticate, limit: RateLimit): Authenticate {
  return async (request, response, action) => {
    const user = await authenticate(request, response, action);
    enforceRate(limit, `user ${user.id}`, response);
    return user;
  };
}
