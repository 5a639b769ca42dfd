import type { Clock, Logger } from '@fogbow/service-runtime';

interface RefusalLogOptions {
  readonly log: Pick<Logger, 'warn'>;
  readonly clock: Pick<Clock, 'uptime'>;
  readonly quietMs?: number;
}

const QUIET_MS = 10_000;

/** A line about a proxy that does not speak as it should; the next one only after a while, with the number of those that were left out. */
export function createRefusalLog({ log, clock, quietMs = QUIET_MS }: RefusalLogOptions): (sender: string, why: string) => void {
  let [toldAt, leftOut] = [-Infinity, 0];
  return (sender, why) => {
    if (clock.uptime() - toldAt < quietMs) return void (leftOut += 1);
    log.warn('a connection of a proxy was closed: its header is no PROXY protocol', { sender, why, ...(leftOut > 0 ? { leftOut } : {}) });
    [toldAt, leftOut] = [clock.uptime(), 0];
  };
}
