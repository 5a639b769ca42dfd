import type { Clock, Timers } from '@fogbow/service-runtime';
import type { VirtualTime } from './virtual-time.js';

/**
 * What a simulated process stands on. A crash cannot take the code of a process off the stack; it takes the world away from it: nothing that a
 * dead process asks is done, and none of its promises is kept, so that all its code stops at its next `await`.
 */
export interface ProcessHost {
  readonly name: string;
  /** Its own clock, which is not quite the world's. */
  readonly clock: Clock;
  readonly timers: Timers;
  isDead(): boolean;
  /** Would it hear an answer now? */
  isListening(): boolean;
  /** Lets something reach the process: at once, when its pause is over, or never. */
  reach(action: () => void): void;
  /** It does nothing for so long, as when its host is short of memory; then it goes on. */
  pause(ms: number): void;
  die(): void;
}

export function createProcessHost(name: string, time: VirtualTime, skewMs: number): ProcessHost {
  const born = time.now();
  let dead = false;
  let pausedUntil = 0;
  const reach = (action: () => void): void => {
    if (dead) return;
    if (pausedUntil <= time.now()) return action();
    time.after(pausedUntil - time.now(), () => reach(action));
  };
  const timers: Timers = { after: (ms, action) => time.after(ms, () => reach(action)) };
  return {
    name, timers, reach,
    clock: {
      now: () => new Date(time.now() + skewMs),
      uptime: () => time.now() - born,
      sleep: (ms, signal) => new Promise((resolve) => {
        timers.after(ms, resolve);
        signal?.addEventListener('abort', () => reach(resolve), { once: true });
      }),
    },
    isDead: () => dead,
    isListening: () => !dead && pausedUntil <= time.now(),
    pause: (ms) => { pausedUntil = Math.max(pausedUntil, time.now() + ms); },
    die: () => { dead = true; },
  };
}
