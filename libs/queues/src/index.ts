export { JOBS, QUEUES } from './jobs.js';
export type {
  Duty, GrantedService, GrantLimits, GrantsMade, GrantTunnels, JobAnswer, JobEntry, JobName, JobPayloads, QueueName, ReplaceTunnels, RevokeTunnels, SendMessage, SendOutcome, SentError, TunnelEndpoint, TunnelEvent, TunnelGrant,
} from './jobs.js';
export { connectRedis } from './connection.js';
export type { ConnectionRole } from './connection.js';
export { createJobQueues } from './job-queue.js';
export type { AddOptions, JobQueues, JobQueuesOptions } from './job-queue.js';
export { startJobWorkers } from './job-worker.js';
export type { JobHandler, JobHandlers, JobWorkers, JobWorkersOptions } from './job-worker.js';
