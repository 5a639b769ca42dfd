import { FogbowError } from '@fogbow/plugin-contracts';
import { JOBS } from '@fogbow/queues';
import type { AddOptions, JobHandlers, JobName, JobQueues, QueueName } from '@fogbow/queues';
import type { ProcessHost } from './process-host.js';
import type { SeededRandom } from './seeded-random.js';
import type { VirtualTime } from './virtual-time.js';

/** The queues of one member in memory: they outlive its processes, and lose and double jobs as Redis may. */
export interface MemoryQueues {
  of(host: ProcessHost): JobQueues;
  /** The process takes jobs from now on. */
  work(host: ProcessHost, handlers: JobHandlers, signal: AbortSignal): void;
  /** Another worker gets what a process that died, or was silent for too long, was at. */
  stalled(host: ProcessHost): void;
  /** Everything is forgotten. */
  wipe(): void;
}

export interface MemoryQueuesOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  isAway(): boolean;
  /** The chance that a job is lost; and, as great, that it is run twice. */
  lossRate(): number;
}

interface Job {
  readonly name: JobName;
  readonly payload: unknown;
  readonly answered?: ((answer: Promise<unknown>) => void) | undefined;
}

interface Worker {
  readonly host: ProcessHost;
  readonly handlers: JobHandlers;
  readonly signal: AbortSignal;
  readonly running: Map<QueueName, Set<Job>>;
}

/** As compose-workers.ts has it. */
const CONCURRENCY: Partial<Record<QueueName, number>> = { placement: 2, release: 2, monitoring: 4, housekeeping: 2, federation: 64 };
const STALLED_MS = 15_000;

export function createMemoryQueues(options: MemoryQueuesOptions): MemoryQueues {
  const { time, random } = options;
  const workers: Worker[] = [];
  const deduplicated = new Map<string, number>();
  let waiting = new Map<QueueName, Job[]>();
  const dispatch = (queue: QueueName): void => {
    const able = workers.filter((worker) => isAble(worker, queue));
    const job = able.length > 0 ? waiting.get(queue)?.shift() : undefined;
    if (!job) return;
    const worker = random.pick(able);
    slots(worker, queue).add(job);
    worker.host.reach(() => run(worker, queue, job, () => dispatch(queue)));
    dispatch(queue);
  };
  const put = (job: Job, delayMs: number): void => {
    const { queue } = JOBS[job.name];
    const lists = waiting;
    time.after(delayMs, () => {
      lists.set(queue, [...(lists.get(queue) ?? []), job]);
      dispatch(queue);
    });
  };
  const add = (job: Job, { dedupeId, dedupeMs = 0, delayMs = 0 }: AddOptions): void => {
    if (dedupeId !== undefined) {
      if ((deduplicated.get(dedupeId) ?? 0) > time.now()) return;
      deduplicated.set(dedupeId, time.now() + dedupeMs);
    }
    if (random.chance(options.lossRate())) return;
    put(job, delayMs);
    if (random.chance(options.lossRate())) put(job, delayMs + random.between(0, 1000));
  };
  return {
    of: (host) => queuesOf(host, options, add),
    work: (host, handlers, signal) => {
      workers.push({ host, handlers, signal, running: new Map() });
      for (const queue of [...waiting.keys()]) dispatch(queue);
    },
    stalled(host) {
      for (const worker of workers.filter((one) => one.host === host)) {
        for (const jobs of worker.running.values()) for (const job of jobs) put(job, STALLED_MS + random.between(0, 5000));
        if (host.isDead()) workers.splice(workers.indexOf(worker), 1);
      }
    },
    wipe() {
      // What is still delayed goes to lists that nobody looks at.
      waiting = new Map();
      deduplicated.clear();
    },
  };
}

function run({ handlers, signal, ...worker }: Worker, queue: QueueName, job: Job, done: () => void): void {
  const handler = handlers[job.name] as ((payload: never, signal: AbortSignal) => Promise<unknown>) | undefined;
  const work = handler ? handler(job.payload as never, signal) : Promise.reject(new Error(`No handler for ${job.name}.`));
  job.answered?.(work);
  void work.catch(() => undefined).then(() => {
    worker.running.get(queue)?.delete(job);
    done();
  });
}

const isAble = ({ host, handlers, running }: Worker, queue: QueueName): boolean =>
  !host.isDead() && (running.get(queue)?.size ?? 0) < (CONCURRENCY[queue] ?? 1) && Object.keys(handlers).some((name) => JOBS[name as JobName].queue === queue);

function slots({ running }: Worker, queue: QueueName): Set<Job> {
  const found = running.get(queue) ?? new Set<Job>();
  running.set(queue, found);
  return found;
}

function queuesOf(host: ProcessHost, { time, random, isAway }: MemoryQueuesOptions, add: (job: Job, options: AddOptions) => void): JobQueues {
  const away = (): FogbowError => new FogbowError('unavailable', 'The queue (Redis) does not answer.');
  const send = (job: Job, options: AddOptions): Promise<void> => new Promise((resolve, reject) => {
    if (host.isDead()) return;
    time.after(random.skewed(0.1, 5), () => {
      if (isAway()) return host.reach(() => reject(away()));
      add(job, options);
      host.reach(resolve);
    });
  });
  return {
    add: (name, payload, options = {}) => send({ name, payload }, options),
    request: (name, payload, timeoutMs) => new Promise((resolve, reject) => {
      const answered = (answer: Promise<unknown>): void => void answer.then((value) => host.reach(() => resolve(value as never)), (error: unknown) => host.reach(() => reject(error as Error)));
      send({ name, payload, answered }, {}).catch(reject);
      host.timers.after(timeoutMs, () => reject(new FogbowError('timeout', `No answer to ${name} in ${timeoutMs} ms.`)));
    }),
    depth: async () => 0,
    counts: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
    close: async () => undefined,
  };
}
