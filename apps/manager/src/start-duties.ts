import type { AddOptions, JobName, JobQueues } from '@fogbow/queues';
import type { Logger, Part } from '@fogbow/service-runtime';

/** Spec §2.4: every duty has a period, whether somebody woke it or not. In milliseconds. */
export type DutyPeriods = Partial<Record<Exclude<JobName, 'grant-tunnels' | 'revoke-tunnels' | 'replace-tunnels' | 'tunnel-event'>, number>>;

const BEGIN_AGAIN_MS = 250;

/**
 * Enqueues each duty once per period and member: of several processes one gets through. The timers are the processes' own and
 * not Redis's, so that a Redis that lost everything is set going again by the next tick.
 */
export function startDuties(queues: JobQueues, periods: DutyPeriods, log: Logger): Part {
  const add = (duty: keyof DutyPeriods, options: AddOptions): void => {
    queues.add(duty, {}, options)
      .catch((error: unknown) => log.warn('a duty could not be enqueued', { duty, error }));
  };
  let isStopped = false;
  // As soon as Redis is there, whatever the others did: this process may be the successor of one that died before it told anybody.
  const begin = (duty: keyof DutyPeriods): void => void queues.add(duty, {})
    .catch(() => setTimeout(() => isStopped || begin(duty), BEGIN_AGAIN_MS).unref());
  const tick = (duty: keyof DutyPeriods, periodMs: number): void => add(duty, { dedupeId: `${duty}-period`, dedupeMs: Math.round(periodMs * 0.9) });
  const timers = (Object.entries(periods) as [keyof DutyPeriods, number][]).map(([duty, periodMs]) => {
    begin(duty);
    return setInterval(() => tick(duty, periodMs), periodMs);
  });
  return {
    name: 'duties',
    stop() {
      isStopped = true;
      timers.forEach((timer) => clearInterval(timer));
    },
  };
}
