export { JOBS, QUEUES } from './jobs.js';
export type {
  Duty, GivenService, GrantedService, GrantLimits, GrantsMade, GrantTunnels, JobAnswer, JobEntry, JobName, JobPayloads, QueueName, ReplaceTunnels, RevokeTunnels, SendMessage, SendOutcome, SentError, ServiceEvent, TunnelEndpoint, TunnelEvent, TunnelGrant, TunnelPlace, TunnelWeb,
} from './jobs.js';
export { orderOfGrant, serviceAddress } from './service-address.js';
export type { TunnelAddress } from './service-address.js';
export { connectRedis } from './connection.js';
export type { ConnectionRole } from './connection.js';
export { createJobQueues } from './job-queue.js';
export type { AddOptions, JobQueues, JobQueuesOptions, QueueCounts } from './job-queue.js';
export { openQueueHandles } from './queue-handles.js';
export type { QueueHandlesOptions } from './queue-handles.js';
export { startJobWorkers } from './job-worker.js';
export type { JobHandler, JobHandlers, JobWorkers, JobWorkersOptions } from './job-worker.js';
