import type { Clock } from '@fogbow/service-runtime';

const PER_MS = 60_000;

/** Whether a line may still be written: so many a minute. What strangers cause must not fill a disk. */
export function createLineBudget(clock: Pick<Clock, 'uptime'>, lines = 60): () => boolean {
  let since = -Infinity;
  let left = 0;
  return () => {
    if (clock.uptime() - since >= PER_MS) {
      since = clock.uptime();
      left = lines;
    }
    return left-- > 0;
  };
}
