import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time. `now` is the wall clock; `uptime` never jumps and is in milliseconds. */
export interface Clock {
  now(): Date;
  uptime(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  uptime: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};
