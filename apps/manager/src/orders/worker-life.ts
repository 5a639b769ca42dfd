import { quietTimers } from '@fogbow/service-runtime';
import type { Clock } from '@fogbow/service-runtime';

/** Whether the other workers can still count on this process; known by this process's own clock alone. */
export interface WorkerLife {
  /** False when others may already think us dead: then no cloud may be asked for a machine. */
  isAlive(): boolean;
  /** Aborts when `isAlive` turns false: a call to the cloud that is under way then is given up. */
  signal(): AbortSignal;
  /** The database has heard from us. `asked`: the uptime before it was told. */
  reported(asked: number): void;
}

/** Others think us dead after `deadAfterMs` of silence; we do after 80 % of it. Dead until the first report. */
export function createWorkerLife(clock: Pick<Clock, 'uptime'>, deadAfterMs: number, timers = quietTimers): WorkerLife {
  const lifeMs = deadAfterMs * 0.8;
  let lastReport = -Infinity;
  let current = new AbortController();
  let disarm = (): void => undefined;
  current.abort();
  return {
    isAlive: () => clock.uptime() - lastReport < lifeMs,
    signal: () => current.signal,
    reported(asked) {
      lastReport = Math.max(lastReport, asked);
      const left = lifeMs - (clock.uptime() - lastReport);
      disarm();
      if (left <= 0) return;
      if (current.signal.aborted) current = new AbortController();
      disarm = timers.after(left, () => current.abort());
    },
  };
}
