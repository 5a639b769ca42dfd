import type { Correlation } from '@fogbow/service-runtime';
import { currentCorrelation, readCorrelation } from '@fogbow/service-runtime';
import { JOBS } from './jobs.js';
import type { JobName, QueueName } from './jobs.js';

/** Queues of calls. A duty is nobody's: one run of it serves many orders, each of which tells itself whose it is. */
const OF_CALLS: readonly QueueName[] = ['federation', 'tunnel-grants', 'tunnel-events'];

/** What lies in Redis: the payload, and beside it the request for which the job was added; workers of versions before do not look at that. */
export function withOrigin(name: JobName, payload: object): object {
  const origin = currentCorrelation();
  return origin && OF_CALLS.includes(JOBS[name].queue) ? { ...payload, origin } : payload;
}

/** Both apart again. */
export function apart(data: unknown): { payload: object; origin: Correlation | undefined } {
  const { origin, ...payload } = (data ?? {}) as { origin?: Partial<Correlation> };
  return { payload, origin: readCorrelation(origin?.requestId, origin?.traceparent) };
}
