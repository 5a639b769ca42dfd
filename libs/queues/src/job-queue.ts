import { Queue, QueueEvents } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { withOrigin } from './job-origin.js';
import { JOBS } from './jobs.js';
import type { JobAnswer, JobName, JobPayloads, QueueName } from './jobs.js';

const KEEP = { removeOnComplete: { age: 600, count: 1000 }, removeOnFail: { age: 86_400, count: 1000 } };

/** Events of a queue that Redis keeps: who waits for an answer reads them at once. BullMQ's own limit is ten times as high, and fills for hours. */
const MOST_EVENTS = 1000;

export interface AddOptions {
  /** While a job with this id waits or runs for less than `dedupeMs`, another one is the same. */
  readonly dedupeId?: string;
  readonly dedupeMs?: number;
  readonly delayMs?: number;
}

/** The producing side of the catalogue over one Redis. Every call rejects with `unavailable` while Redis is away. */
export interface JobQueues {
  add<Name extends JobName>(name: Name, payload: JobPayloads[Name], options?: AddOptions): Promise<void>;
  /** Adds a job and waits for its answer. Errors: `unavailable`, `timeout`, or what the handler threw as `internal`. */
  request<Name extends JobName>(name: Name, payload: JobPayloads[Name], timeoutMs: number): Promise<JobAnswer<Name>>;
  /** Number of jobs waiting or delayed in a queue. */
  depth(queue: QueueName): Promise<number>;
  counts(queue: QueueName): Promise<QueueCounts>;
  close(): Promise<void>;
}

/** A queue at a moment. Failed jobs are kept for a day, a thousand at most. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** When the job that has waited longest was added; absent: none waits. */
  readonly oldest?: Date;
}

export interface JobQueuesOptions {
  /** Made by `connectRedis(url, 'producer')`; not closed here. */
  readonly connection: Redis;
  /** Made by `connectRedis(url, 'worker')`, for answers; needed by `request` only. */
  readonly eventsConnection?: Redis;
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

export function createJobQueues(options: JobQueuesOptions): JobQueues {
  const queues = new Map<QueueName, Queue>();
  const events = new Map<QueueName, QueueEvents>();
  const closing = new AbortController();
  const waiting = new Set<Promise<unknown>>();
  const tracked = async <T>(work: Promise<T>): Promise<T> => {
    waiting.add(work);
    return await work.finally(() => waiting.delete(work));
  };
  const keepFewEvents = (name: QueueName): void =>
    void options.connection.hset(`${options.prefix}:${name}:meta`, 'opts.maxLenEvents', MOST_EVENTS).catch(() => undefined);
  // Whenever it comes, since it may have lost everything.
  const begin = (): void => { for (const name of queues.keys()) keepFewEvents(name); };
  options.connection.on('ready', begin);
  const queueOf = (name: QueueName): Queue => lazily(queues, name, () => {
    if (options.connection.status === 'ready') keepFewEvents(name);
    // Without the check of the version nothing is asked of Redis now: a question that failed would spoil this queue for good.
    const queue = new Queue(name, { connection: options.connection, prefix: options.prefix, skipWaitingForReady: true, skipMetasUpdate: true, skipVersionCheck: true });
    queue.setMaxListeners(0);
    queue.on('error', options.onError);
    return queue;
  });
  const eventsOf = (name: QueueName): QueueEvents => lazily(events, name, () => {
    if (!options.eventsConnection) throw new FogbowError('internal', 'These queues were made without a connection for answers.');
    const created = new QueueEvents(name, { connection: options.eventsConnection, prefix: options.prefix });
    created.setMaxListeners(0);
    created.on('error', options.onError);
    return created;
  });
  return {
    async add(name, payload, { dedupeId, dedupeMs, delayMs } = {}) {
      await away(queueOf(JOBS[name].queue).add(name, withOrigin(name, payload), {
        ...KEEP,
        ...(delayMs ? { delay: delayMs } : {}),
        ...(dedupeId ? { deduplication: { id: dedupeId, ...(dedupeMs ? { ttl: dedupeMs } : {}) } } : {}),
      }));
    },
    async request<Name extends JobName>(name: Name, payload: JobPayloads[Name], timeoutMs: number) {
      if (options.connection.status !== 'ready') throw unavailable();
      const answers = eventsOf(JOBS[name].queue);
      await away(within(answers.waitUntilReady(), timeoutMs));
      const job = await away(queueOf(JOBS[name].queue).add(name, withOrigin(name, payload), KEEP));
      return await tracked(answerOf(job, answers, { timeoutMs, given: closing.signal })).catch((error: Error) => {
        if (isTimeout(error)) throw new FogbowError('timeout', `No answer to ${name} in ${timeoutMs} ms.`, { cause: error });
        throw asFogbowError(error);
      }) as JobAnswer<Name>;
    },
    async depth(name) {
      const counts = await away(queueOf(name).getJobCounts('waiting', 'delayed', 'prioritized'));
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    counts: (name) => away(countsOf(queueOf(name))),
    async close() {
      // BullMQ's look for an answer must not lose its connection under way: it would fail where nobody can catch it.
      closing.abort();
      options.connection.off('ready', begin);
      await Promise.allSettled(waiting);
      await Promise.all([...queues.values(), ...events.values()].map((part) => part.close()));
    },
  };
}

async function countsOf(queue: Queue): Promise<QueueCounts> {
  const [counts, [oldest]] = await Promise.all([queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'), queue.getJobs(['waiting'], 0, 0, true)]);
  const of = (state: string): number => counts[state] ?? 0;
  return { waiting: of('waiting') + of('prioritized'), active: of('active'), delayed: of('delayed'), failed: of('failed'), ...(oldest ? { oldest: new Date(oldest.timestamp) } : {}) };
}

const isTimeout = (error: Error): boolean => error.message.includes('timed out');
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 1000;

/**
 * Waits for the event of the answer, and looks for the answer itself now and then: events are heard only from the moment when Redis was
 * asked for them, and an answer may be quicker. Each call of BullMQ's begins with such a look.
 */
async function answerOf(job: Job, answers: QueueEvents, { timeoutMs, given }: { timeoutMs: number; given: AbortSignal }): Promise<unknown> {
  const end = performance.now() + timeoutMs;
  for (let patience = FIRST_LOOK_MS; ; patience = Math.min(patience * 2, LAST_LOOK_MS)) {
    const left = Math.max(1, end - performance.now());
    if (given.aborted) throw unavailable();
    try {
      return await job.waitUntilFinished(answers, Math.min(patience, left)) as unknown;
    } catch (error) {
      if (!isTimeout(error as Error) || left <= patience) throw error;
    }
  }
}

async function away<T>(call: Promise<T>): Promise<T> {
  return await call.catch((error: unknown) => {
    throw unavailable(error);
  });
}

const unavailable = (cause?: unknown): FogbowError => new FogbowError('unavailable', 'The queue (Redis) does not answer.', { cause });

/** The connection for answers waits for Redis as long as it takes; who asks does not. */
async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error(`not ready in ${timeoutMs} ms`)), timeoutMs); });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function lazily<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found) return found;
  const made = make();
  map.set(key, made);
  return made;
}
