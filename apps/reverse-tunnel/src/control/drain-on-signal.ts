import type { Clock, Logger } from '@fogbow/service-runtime';

export interface DrainOptions {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** How many sessions are open. */
  sessions(): number;
  /** What a new process needs for itself: the SSH port, the jobs, the HTTP port. */
  readonly close: readonly (() => Promise<void>)[];
}

const LOOK_MS = 500;

/**
 * SIGUSR2: makes room for a new process and lives on for the sessions that are open, until the last has gone or the deadline is over. A machine that dials
 * meanwhile comes to the new process, which tells us to let go of its port.
 */
export function drainOnSignal({ signal, log, clock, deadlineMs, sessions, close }: DrainOptions): void {
  const drain = async (): Promise<void> => {
    log.info('draining', { sessions: sessions(), deadlineMs });
    for (const one of close) await one().catch((error: unknown) => log.warn('a part did not close', { error }));
    log.info('drained: a new process may start', { sessions: sessions() });
    const end = clock.uptime() + deadlineMs;
    while (!signal.aborted && sessions() > 0 && clock.uptime() < end) await clock.sleep(LOOK_MS, signal);
    if (!signal.aborted) process.kill(process.pid, 'SIGTERM');
  };
  const onSignal = (): void => void drain();
  process.once('SIGUSR2', onSignal);
  signal.addEventListener('abort', () => process.off('SIGUSR2', onSignal));
}
