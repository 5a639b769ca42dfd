import type { Clock, Logger } from '@fogbow/service-runtime';

const QUIET_MS = 30_000;

/**
 * A listener for the errors of connections and queues. Several clients that try to reach a Redis that is away say the
 * same thing several times a second; here each message is written once in thirty seconds, with the number it stands for.
 */
export function createFaultLog(log: Logger, clock: Clock): (error: Error) => void {
  const told = new Map<string, { at: number; silent: number }>();
  return (error) => {
    const now = clock.uptime();
    for (const [message, { at }] of told) if (now - at >= QUIET_MS && message !== error.message) told.delete(message);
    const last = told.get(error.message);
    if (last && now - last.at < QUIET_MS) return void last.silent++;
    log.warn('a connection or job has a fault', { error, ...(last ? { repeated: last.silent } : {}) });
    told.set(error.message, { at: now, silent: 0 });
  };
}
