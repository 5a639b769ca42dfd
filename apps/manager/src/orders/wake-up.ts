import type { JobName, JobPayloads, JobQueues } from '@fogbow/queues';
import type { Logger } from '@fogbow/service-runtime';

type Duty = Exclude<JobName, 'grant-tunnels' | 'revoke-tunnels' | 'replace-tunnels' | 'tunnel-event'>;

/** Tells the workers that there is something to do. Never fails and never waits: without it the duty's period finds the work. */
export type WakeUp = <Name extends Duty>(duty: Name, payload?: JobPayloads[Name]) => void;

/**
 * Many wake-ups become few jobs: while one is being written, the ones that come meanwhile become one more. A worker
 * that gets it looks at everything that is due, so one job is as good as a hundred.
 */
export function createWakeUp(queues: JobQueues, log: Logger): WakeUp {
  const writing = new Map<string, 'once' | 'again'>();
  const write = async (duty: Duty, payload: JobPayloads[Duty], key: string): Promise<void> => {
    writing.set(key, 'once');
    await queues.add(duty, payload).catch((error: unknown) => log.warn('cannot wake the workers; they will look by themselves', { duty, error }));
    const again = writing.get(key) === 'again';
    writing.delete(key);
    if (again) await write(duty, payload, key);
  };
  return (duty, payload) => {
    const key = payload ? `${duty} ${JSON.stringify(payload)}` : duty;
    if (writing.has(key)) writing.set(key, 'again');
    else void write(duty, payload ?? ({} as JobPayloads[typeof duty]), key);
  };
}

// Who waits longer is looked at in between: so a duty never has more than one planned job for each second of this.
const FARTHEST_MS = 60_000;

/** The same for work that is due after a while; of several, the earliest of each duty counts. */
export type WakeLater = (duty: Duty, inMs: number) => void;

export function createWakeLater(queues: JobQueues, log: Logger): WakeLater {
  return (duty, inMs) => {
    const delayMs = Math.min(Math.max(Math.round(inMs), 1), FARTHEST_MS);
    void queues.add(duty, {} as JobPayloads[typeof duty], { delayMs, dedupeId: `${duty}-later-${Math.ceil(delayMs / 1000)}`, dedupeMs: delayMs })
      .catch((error: unknown) => log.warn('cannot plan a wake-up; the period finds the work', { duty, error }));
  };
}
