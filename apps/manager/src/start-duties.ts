import type { JobName, JobQueues } from '@fogbow/queues';
import type { Logger, Part } from '@fogbow/service-runtime';

/** Spec §2.4: every duty has a period, whether somebody woke it or not. In milliseconds. */
export type DutyPeriods = Partial<Record<Exclude<JobName, 'grant-tunnels' | 'revoke-tunnels' | 'replace-tunnels' | 'tunnel-event'>, number>>;

/**
 * Enqueues each duty once per period and member: of several processes one gets through. The timers are the processes' own and
 * not Redis's, so that a Redis that lost everything is set going again by the next tick.
 */
export function startDuties(queues: JobQueues, periods: DutyPeriods, log: Logger): Part {
  const tick = (duty: keyof DutyPeriods, periodMs: number): void => {
    queues.add(duty, {}, { dedupeId: `${duty}-period`, dedupeMs: Math.round(periodMs * 0.9) })
      .catch((error: unknown) => log.warn('a duty could not be enqueued', { duty, error }));
  };
  const timers = (Object.entries(periods) as [keyof DutyPeriods, number][]).map(([duty, periodMs]) => {
    tick(duty, periodMs);
    return setInterval(() => tick(duty, periodMs), periodMs);
  });
  return { name: 'duties', stop: () => timers.forEach((timer) => clearInterval(timer)) };
}
