import { setMaxListeners } from 'node:events';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { withCorrelation } from '@fogbow/service-runtime';
import { apart } from './job-origin.js';
import { JOBS } from './jobs.js';
import type { JobAnswer, JobName, JobPayloads, QueueName } from './jobs.js';

export type JobHandler<Name extends JobName> = (payload: JobPayloads[Name], signal: AbortSignal) => Promise<JobAnswer<Name>>;
export type JobHandlers = { readonly [Name in JobName]?: JobHandler<Name> };

export interface JobWorkersOptions {
  /** Made by `connectRedis(url, 'worker')`; each queue duplicates it for its blocking reads. */
  readonly connection: Redis;
  readonly prefix: string;
  readonly handlers: JobHandlers;
  /** Jobs of one queue that run at a time in this process; default 1. */
  readonly concurrency?: Partial<Record<QueueName, number>>;
  readonly onError: (error: Error, job?: JobName) => void;
  /** What every job runs in; default: nothing. */
  readonly around?: <Answer>(job: JobName, work: () => Promise<Answer>) => Promise<Answer>;
}

export interface JobWorkers {
  ready(): Promise<void>;
  /** Waits for running jobs. */
  close(): Promise<void>;
}

/** Starts one BullMQ worker per queue of the handlers. A job of such a queue without a handler is a fault of the wiring. */
export function startJobWorkers(options: JobWorkersOptions): JobWorkers {
  const stopping = new AbortController();
  // Every call that is under way listens to it.
  setMaxListeners(0, stopping.signal);
  const queues = [...new Set((Object.keys(options.handlers) as JobName[]).map((name) => JOBS[name].queue))];
  for (const [name, entry] of Object.entries(JOBS)) {
    if (queues.includes(entry.queue) && !options.handlers[name as JobName]) throw new Error(`No handler for job ${name} of queue ${entry.queue}.`);
  }
  const workers = queues.map((queue) => {
    const worker = new Worker(queue, async (job) => {
      const handler = options.handlers[job.name as JobName] as JobHandler<JobName> | undefined;
      if (!handler) throw new Error(`No handler for job ${job.name}.`);
      const { payload, origin } = apart(job.data);
      const run = (): Promise<unknown> => handler(payload as never, stopping.signal);
      return await withCorrelation(origin, () => (options.around ? options.around(job.name as JobName, run) : run()));
    }, {
      connection: options.connection,
      prefix: options.prefix,
      concurrency: options.concurrency?.[queue] ?? 1,
      // A worker that died is noticed and its job run again within a few seconds.
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 5,
      // The longest that an idle worker sleeps should its wake-up be lost with Redis.
      drainDelay: 2,
    });
    worker.on('error', (error) => options.onError(error));
    worker.on('failed', (job, error) => options.onError(error, job?.name as JobName | undefined));
    return worker;
  });
  return {
    ready: async () => void await Promise.all(workers.map((worker) => worker.waitUntilReady())),
    close: async () => {
      stopping.abort();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
