import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueName } from './jobs.js';

export interface QueueHandlesOptions {
  /** Made by `connectRedis(url, 'producer')`; not closed here. */
  readonly connection: Redis;
  readonly prefix: string;
  readonly names: readonly QueueName[];
  readonly onError: (error: Error) => void;
}

/** BullMQ's own view of queues, for whoever looks into them as an operator does. Nothing is asked or written before the first question. */
export function openQueueHandles({ connection, prefix, names, onError }: QueueHandlesOptions): Queue[] {
  return names.map((name) => {
    const queue = new Queue(name, { connection, prefix, skipWaitingForReady: true, skipMetasUpdate: true, skipVersionCheck: true });
    queue.on('error', onError);
    return queue;
  });
}
