import type { Kysely } from 'kysely';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { EMPTY, ORDER, ORDERSTATE, STORAGELINK } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { connectRedis, createJobQueues } from '@fogbow/queues';
import type { JobQueues } from '@fogbow/queues';
import { createCheckpoints, createMetrics, newId, noTracing, startOtlpTracing, systemClock, withCorrelation } from '@fogbow/service-runtime';
import type { Checkpoints, Logger, ServiceContext, Tracing } from '@fogbow/service-runtime';
import { createRoomWatch, migrate, openDatabase } from '@fogbow/storage';
import type { RoomWatch } from '@fogbow/storage';
import { createSizeOf } from './accounting/machine-size.js';
import { createMeasureUse } from './accounting/measure-use.js';
import type { Cloud } from './compose-cloud.js';
import { composeLink } from './compose-link.js';
import type { Sharing } from './compose-sharing.js';
import { readKey } from './check-configuration.js';
import type { CrashStep } from './crash-steps.js';
import { createRemoteProvider } from './fulfilment/remote-provider.js';
import { createToldProvider } from './fulfilment/told-provider.js';
import { createAssessPolicy } from './monitoring/assess-policy.js';
import { createCallMetrics } from './observe/call-metrics.js';
import type { MeasureCall } from './observe/call-metrics.js';
import { addManagerMetrics } from './observe/manager-metrics.js';
import { createActOnMachine } from './orders/act-on-machine.js';
import { createOrderLeases } from './orders/lease-table.js';
import type { DeleteOptions } from './orders/delete-order.js';
import { createMoveOrders } from './orders/move-orders.js';
import { createOrderStore } from './orders/order-store.js';
import { createReleaseStore, purgeDeleted } from './orders/release-store.js';
import { createWaitForOrders } from './orders/wait-for-orders.js';
import { createWakeLater, createWakeUp } from './orders/wake-up.js';
import { createWorkerLife } from './orders/worker-life.js';
import { registerMemberQuestions } from './peers/answer-for-members.js';
import { createCheckLost } from './peers/check-lost.js';
import { createLookAt } from './peers/look-at.js';
import { registerPeerHandlers } from './peers/peer-handlers.js';
import { createReceiveAnswer } from './peers/receive-answer.js';
import { createReceiveNews } from './peers/receive-news.js';
import { createServedBooks } from './peers/served-books.js';
import { createTellRequesters } from './peers/tell-requesters.js';
import { readFlavors } from './read-flavors.js';
import { MIGRATIONS } from './storage/migrations.js';
import { createForwardedIdentity } from './trust/forwarded-identity.js';
import { makeCertificate } from './trust/member-certificate.js';
import { createPinnedKeys } from './trust/pinned-keys.js';
import { signingKeys } from './trust/signing-key.js';
import type { ManagerValues } from './typed-values.js';

/** What a test puts in the place of the real thing. */
export interface Substitutes {
  /** A link without XMPP, anew for each time that this process speaks for the member, which takes part whatever the settings of xmpp say. */
  readonly openLink?: () => FederationLink;
}

/** What everything stands on. */
export interface Ground {
  readonly values: ManagerValues;
  readonly self: string;
  readonly log: Logger;
  readonly database: Kysely<unknown>;
  readonly redis: { readonly producer: Redis; readonly worker: Redis };
  readonly queues: JobQueues;
  readonly tunnelQueues: JobQueues | undefined;
  readonly tunnelWorkerConnection: Redis | undefined;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly metrics: Registry;
  readonly room: RoomWatch;
  readonly measureCall: MeasureCall;
  readonly tracing: Tracing;
}

export async function openGround(context: ServiceContext, values: ManagerValues): Promise<Ground> {
  const { log } = context;
  // A connection lives longer than the request for which it was made.
  const onError = (what: string) => (error: Error) => withCorrelation(undefined, () => log.warn(`${what}: ${error.message}`));
  const room = createRoomWatch();
  const database = openDatabase<unknown>({ url: values.databaseUrl, maxConnections: values.databaseConnections, onError: onError('database'), onFailure: room.failed });
  context.add({ name: 'database', stop: () => database.destroy() });
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) log.info('the schema was brought up to date', { applied });
  const connect = (url: string, role: 'producer' | 'worker', ca?: string): Redis => {
    const redis = connectRedis(url, role, onError('redis'), ca);
    context.add({ name: 'redis', stop: () => redis.disconnect() });
    return redis;
  };
  const redis = { producer: connect(values.redisUrl, 'producer'), worker: connect(values.redisUrl, 'worker') };
  const queues = createJobQueues({ connection: redis.producer, eventsConnection: redis.worker, prefix: values.redisPrefix, onError: onError('queue') });
  context.add({ name: 'queues', stop: () => queues.close() });
  const tunnelWorkerConnection = values.tunnelRedisUrl ? connect(values.tunnelRedisUrl, 'worker', values.tunnelRedisCa) : undefined;
  const tunnelQueues = values.tunnelRedisUrl && tunnelWorkerConnection ? createJobQueues({
    connection: connect(values.tunnelRedisUrl, 'producer', values.tunnelRedisCa), eventsConnection: tunnelWorkerConnection, prefix: values.tunnelRedisPrefix, onError: onError('tunnel queue'),
  }) : undefined;
  if (tunnelQueues) context.add({ name: 'tunnel queues', stop: () => tunnelQueues.close() });
  const tracing = await openTracing(context, values);
  const checkpoints = createCheckpoints<CrashStep>(context.env['FOGBOW_CRASH_AT']);
  const metrics = createMetrics('manager');
  addManagerMetrics({ registry: metrics, self: values.memberId, database, queues, tunnelQueues, deadAfterMs: values.workerDeadAfterMs, clock: systemClock });
  return { values, self: values.memberId, log, database, redis, queues, tunnelQueues, tunnelWorkerConnection, checkpoints, metrics, room, measureCall: createCallMetrics(metrics), tracing };
}

async function openTracing(context: ServiceContext, { tracingEndpoint, memberId, processName }: ManagerValues): Promise<Tracing> {
  if (tracingEndpoint === undefined) return noTracing;
  const tracing = await startOtlpTracing({ endpoint: tracingEndpoint, service: 'fogbow-manager', attributes: { 'fogbow.member': memberId, 'service.instance.id': processName } });
  context.add({ name: 'tracing', stop: () => tracing.stop() });
  return tracing;
}

export type Orders = ReturnType<typeof composeOrders>;

export function composeOrders({ values, self, log, database, queues, checkpoints }: Ground) {
  const store = createOrderStore(database);
  const releases = createReleaseStore(database);
  const wakeUp = createWakeUp(queues, log);
  const wakeLater = createWakeLater(queues, log);
  const deletion: DeleteOptions = { self, store, releases, wakeUp, checkpoints, purge: (orderId) => purgeDeleted(database, orderId) };
  const workerId = newId();
  const life = createWorkerLife(systemClock, values.workerDeadAfterMs);
  const leases = createOrderLeases(database, workerId, values.workerDeadAfterMs);
  // Filled once the federation stands: telling requesters needs the link, which needs these orders.
  const told: { tell: (orderIds: readonly string[]) => void } = { tell: () => undefined };
  const moveOrders = createMoveOrders({ self, store, wakeUp, wakeLater, tellRequesters: (orderIds) => told.tell(orderIds) });
  return { store, releases, wakeUp, wakeLater, deletion, workerId, life, leases, moveOrders, told };
}

export type Federation = ReturnType<typeof composeFederation>;

export function composeFederation(ground: Ground, { orders, cloud, sharing }: { orders: Orders; cloud: Cloud; sharing: Sharing }, substitutes: Substitutes) {
  const { values, self, log, database, checkpoints } = ground;
  const link = composeLink(ground, substitutes);
  const keys = signingKeys({ secret: readKey(values.keyFile), keyFile: values.federationKeyFile, previousKeyFile: values.federationPreviousKeyFile });
  const pins = createPinnedKeys({ database, log });
  const identity = createForwardedIdentity({ self, key: keys.current, keyOf: pins.keyOf, acceptUnsigned: values.acceptUnsigned, now: systemClock.now });
  const { deletion, moveOrders, store, wakeUp, told } = orders;
  const served = createServedBooks(database);
  const tell = createTellRequesters({
    link, deletion, checkpoints, log,
    rememberRemoved: (order) => served.rememberRemoved(order.requester, order.id, order.incarnation),
  });
  told.tell = (orderIds) => void tell(orderIds).catch((error: unknown) => log.warn('requesters could not be told', { error }));
  registerPeerHandlers(link, {
    ...deletion, served, checkpoints, identity, local: cloud.local, checkAdmitted: sharing.checkAdmitted, admit: sharing.admit, tellRequesters: (orderIds) => told.tell(orderIds), wait: createWaitForOrders({ store, clock: systemClock }),
  });
  const use = createMeasureUse({ self, database, sizeOf: createSizeOf(readFlavors(values.flavors).flavors) });
  const act = createActOnMachine({ self, link, timeoutMs: values.xmppTimeoutMs, machineCloud: cloud.machineCloud });
  registerMemberQuestions(link, { self, checkAdmitted: sharing.checkAdmitted, served, store, identity, act, use, room: cloud.quota, timeoutMs: values.cloudTimeoutMs });
  const remote = createToldProvider({ provider: createRemoteProvider({ link, store, identity, timeoutMs: values.xmppTimeoutMs, log }), self, log, clock: systemClock });
  const lookAt = createLookAt({ wakeUp, clock: systemClock });
  const checkLost = createCheckLost({ remote, moveOrders, lookAt, policy: createAssessPolicy(self, values), timeoutMs: values.xmppTimeoutMs, clock: systemClock });
  const receive = createReceiveAnswer({ self, store, moveOrders, wakeUp, checkLost, retryMs: values.retryAfterMs, checkpoints, log, now: systemClock.now });
  const news = createReceiveNews({ self, store, lookAt });
  link.handle(ORDERSTATE, async (from, given) => {
    await news(from, given);
    return EMPTY;
  });
  link.onLateReply(ORDER, receive);
  link.onLateReply(STORAGELINK, (from, id, outcome) => receive(from, id, 'reply' in outcome ? { reply: { instanceId: outcome.reply.attachmentId } } : outcome));
  return { link, act, use, identity, pins, certificate: makeCertificate(self, keys), remote };
}
