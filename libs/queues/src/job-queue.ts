import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { JOBS } from './jobs.js';
import type { JobAnswer, JobName, JobPayloads, QueueName } from './jobs.js';

const KEEP = { removeOnComplete: { age: 600, count: 1000 }, removeOnFail: { age: 86_400, count: 1000 } };

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
  close(): Promise<void>;
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
  const queueOf = (name: QueueName): Queue => lazily(queues, name, () => {
    const queue = new Queue(name, { connection: options.connection, prefix: options.prefix, skipWaitingForReady: true, skipMetasUpdate: true });
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
      await away(queueOf(JOBS[name].queue).add(name, payload, {
        ...KEEP,
        ...(delayMs ? { delay: delayMs } : {}),
        ...(dedupeId ? { deduplication: { id: dedupeId, ...(dedupeMs ? { ttl: dedupeMs } : {}) } } : {}),
      }));
    },
    async request<Name extends JobName>(name: Name, payload: JobPayloads[Name], timeoutMs: number) {
      const answers = eventsOf(JOBS[name].queue);
      await away(answers.waitUntilReady());
      const job = await away(queueOf(JOBS[name].queue).add(name, payload, KEEP));
      return await job.waitUntilFinished(answers, timeoutMs).catch((error: Error) => {
        if (error.message.includes('timed out')) throw new FogbowError('timeout', `No answer to ${name} in ${timeoutMs} ms.`, { cause: error });
        throw asFogbowError(error);
      }) as JobAnswer<Name>;
    },
    async depth(name) {
      const counts = await away(queueOf(name).getJobCounts('waiting', 'delayed', 'prioritized'));
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await Promise.all([...queues.values(), ...events.values()].map((part) => part.close()));
    },
  };
}

async function away<T>(call: Promise<T>): Promise<T> {
  return await call.catch((error: unknown) => {
    throw new FogbowError('unavailable', 'The queue (Redis) does not answer.', { cause: error });
  });
}

function lazily<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found) return found;
  const made = make();
  map.set(key, made);
  return made;
}
