import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Redis } from 'ioredis';
import { createXmppLink, ORDER } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { JobQueues } from '@fogbow/queues';
import { closeServer, createCheckpoints, createHttpServer, createMetrics, healthRouter, listen, newId, systemClock } from '@fogbow/service-runtime';
import type { Checkpoints, Logger, ServiceContext } from '@fogbow/service-runtime';
import { migrate, openDatabase } from '@fogbow/storage';
import { createGrantStore } from './access/grant-store.js';
import { createMachineAccess } from './access/machine-access.js';
import { createReconcileGrants } from './access/reconcile-grants.js';
import { createTunnelEventHandler } from './access/tunnel-event-handler.js';
import { createListAccounting } from './accounting/list-accounting.js';
import { createSizeOf } from './accounting/machine-size.js';
import { createMeasureUse } from './accounting/measure-use.js';
import { createAuthenticate } from './api/authenticate.js';
import { createApp } from './api/create-app.js';
import { createEventStreams } from './api/events/event-streams.js';
import { jsonEndpoints } from './api/json/json-endpoints.js';
import type { JsonApi } from './api/json/json-endpoints.js';
import { createRateLimit, withRateLimit } from './api/limit-rate.js';
import type { OcciOptions } from './api/occi/occi-options.js';
import type { OrderUseCases } from './api/order-use-cases.js';
import { readKey } from './check-configuration.js';
import type { CrashStep } from './crash-steps.js';
import { createCloudTokens } from './credentials/cloud-tokens.js';
import { createCloudCalls } from './fulfilment/cloud-calls.js';
import { createLocalProvider } from './fulfilment/local-provider.js';
import { createReleaseWorker } from './fulfilment/release-worker.js';
import { createRemoteProvider } from './fulfilment/remote-provider.js';
import { createPruneHistory } from './housekeeping/prune-history.js';
import { createListMembers } from './members/list-members.js';
import type { ListMembers } from './members/list-members.js';
import { createRefreshMembers } from './members/refresh-members.js';
import { createShowQuota } from './members/show-quota.js';
import { createFindOrphans } from './monitoring/find-orphans.js';
import { createMonitorWorker } from './monitoring/monitor-worker.js';
import { noFederation } from './no-federation.js';
import { createActOnMachine } from './orders/act-on-machine.js';
import { createOrderLeases } from './orders/claim-orders.js';
import { createDeleteOrder } from './orders/delete-order.js';
import type { DeleteOptions } from './orders/delete-order.js';
import { createDeleteOrders } from './orders/delete-orders.js';
import { createListOrders } from './orders/list-orders.js';
import { createMoveOrders } from './orders/move-orders.js';
import { createOrderStore } from './orders/order-store.js';
import { createInstanceUseCases } from './orders/own-instances.js';
import { createReleaseStore, purgeDeleted } from './orders/release-store.js';
import { createShowOrder } from './orders/show-order.js';
import { createSubmitOnce } from './orders/submit-once.js';
import { createSubmitOrders } from './orders/submit-orders.js';
import { createWaitForOrders } from './orders/wait-for-orders.js';
import { createWakeLater, createWakeUp } from './orders/wake-up.js';
import { createWorkerLife } from './orders/worker-life.js';
import { registerWorker } from './orders/worker-registry.js';
import { createCheckServedOrders } from './peers/check-served-orders.js';
import { fromOrderRequest } from './peers/order-on-the-wire.js';
import { registerPeerHandlers } from './peers/peer-handlers.js';
import { createReceiveAnswer } from './peers/receive-answer.js';
import { createResendPending } from './peers/resend-pending.js';
import { rememberRemoved } from './peers/serve-order.js';
import { createTellRequesters } from './peers/tell-requesters.js';
import { createPlugin } from './plugins.js';
import { readFlavors } from './read-flavors.js';
import { createFactsSource } from './scheduling/placement-facts.js';
import { createPlacementWorker } from './scheduling/placement-worker.js';
import { createPreviewPlacement } from './scheduling/preview-placement.js';
import type { Role } from './settings.js';
import { startDuties } from './start-duties.js';
import { MIGRATIONS } from './storage/migrations.js';
import { typedValues } from './typed-values.js';
import type { ManagerValues } from './typed-values.js';

/** What a test puts in the place of the real thing. */
export interface Substitutes {
  /** The federation without XMPP; the member takes part in it whatever the settings of xmpp say. */
  readonly link?: FederationLink;
}

/** The only file that wires the Manager: from configuration to running parts, each registered for shutdown. */
export async function composeManager(context: ServiceContext, substitutes: Substitutes = {}): Promise<void> {
  const values = typedValues(context.values);
  const has = (role: Role): boolean => values.roles.includes(role);
  const ground = await openGround(context, values);
  const orders = composeOrders(ground);
  const cloud = await composeCloud(context, ground, orders);
  const federation = composeFederation(ground, orders, cloud, substitutes);
  if (has('worker')) await startWorkers(context, ground, { orders, cloud, federation });
  if (has('federation')) {
    await federation.link.start();
    context.add({ name: 'federation', stop: () => federation.link.stop() });
  }
  if (has('api')) await startApi(context, ground, { orders, cloud, federation });
}

/** What everything stands on. */
interface Ground {
  readonly values: ManagerValues;
  readonly self: string;
  readonly log: Logger;
  readonly database: Kysely<unknown>;
  readonly redis: { readonly producer: Redis; readonly worker: Redis };
  readonly queues: JobQueues;
  readonly tunnelQueues: JobQueues | undefined;
  readonly tunnelWorkerConnection: Redis | undefined;
  readonly checkpoints: Checkpoints<CrashStep>;
}

async function openGround(context: ServiceContext, values: ManagerValues): Promise<Ground> {
  const { log } = context;
  const onError = (what: string) => (error: Error) => log.warn(`${what}: ${error.message}`);
  const database = openDatabase<unknown>({ url: values.databaseUrl, maxConnections: values.databaseConnections, onError: onError('database') });
  context.add({ name: 'database', stop: () => database.destroy() });
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) log.info('the schema was brought up to date', { applied });
  const connect = (url: string, role: 'producer' | 'worker'): Redis => {
    const redis = connectRedis(url, role, onError('redis'));
    context.add({ name: 'redis', stop: () => redis.disconnect() });
    return redis;
  };
  const redis = { producer: connect(values.redisUrl, 'producer'), worker: connect(values.redisUrl, 'worker') };
  const queues = createJobQueues({ connection: redis.producer, prefix: values.redisPrefix, onError: onError('queue') });
  context.add({ name: 'queues', stop: () => queues.close() });
  const tunnelWorkerConnection = values.tunnelRedisUrl ? connect(values.tunnelRedisUrl, 'worker') : undefined;
  const tunnelQueues = values.tunnelRedisUrl && tunnelWorkerConnection ? createJobQueues({
    connection: connect(values.tunnelRedisUrl, 'producer'), eventsConnection: tunnelWorkerConnection, prefix: values.tunnelRedisPrefix, onError: onError('tunnel queue'),
  }) : undefined;
  if (tunnelQueues) context.add({ name: 'tunnel queues', stop: () => tunnelQueues.close() });
  const checkpoints = createCheckpoints<CrashStep>(context.env['FOGBOW_CRASH_AT']);
  return { values, self: values.memberId, log, database, redis, queues, tunnelQueues, tunnelWorkerConnection, checkpoints };
}

type Orders = ReturnType<typeof composeOrders>;

function composeOrders({ values, self, log, database, queues, checkpoints }: Ground) {
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
  const moveOrders = createMoveOrders({ self, store, wakeUp, tellRequesters: (orderIds) => told.tell(orderIds) });
  return { store, releases, wakeUp, wakeLater, deletion, workerId, life, leases, moveOrders, told };
}

type Cloud = Awaited<ReturnType<typeof composeCloud>>;

async function composeCloud(context: ServiceContext, { values, self, log, database, tunnelQueues, checkpoints }: Ground, { life }: Orders) {
  const plugin = createPlugin('cloud', context.values, { memberId: self, log, now: systemClock.now });
  await plugin.start(context.signal);
  context.add({ name: 'cloud', stop: () => plugin.stop() });
  const key = readKey(values.keyFile);
  const tokens = createCloudTokens({
    database, key, log, clock: systemClock, account: 'default', identity: plugin.identity, credentials: values.cloudCredentials, periodMs: values.periods.tokens,
  });
  const grants = createGrantStore(database);
  const access = createMachineAccess({
    self, key, store: grants, sshUsername: values.sshUsername, timeoutMs: values.tunnelTimeoutMs, checkpoints, ...(tunnelQueues ? { tunnelQueues } : {}),
  });
  const calls = createCloudCalls({ compute: plugin.compute, tokens, timeoutMs: values.cloudTimeoutMs });
  const local = createLocalProvider({ self, calls, capabilities: plugin.compute.capabilities, access, mayAsk: life.isAlive, checkpoints });
  return { tokens, grants, calls, local, images: plugin.images, power: plugin.power };
}

type Federation = ReturnType<typeof composeFederation>;

function composeFederation(ground: Ground, orders: Orders, cloud: Cloud, substitutes: Substitutes) {
  const { values, self, log, database, checkpoints } = ground;
  const link = substitutes.link ?? (values.xmpp ? createXmppLink({ jid: self, log, ...values.xmpp }) : noFederation);
  const { deletion, moveOrders, store, wakeUp, told } = orders;
  const tell = createTellRequesters({
    link, deletion, checkpoints, log,
    rememberRemoved: (order) => rememberRemoved(database, order.requester, order.id, order.incarnation),
  });
  told.tell = (orderIds) => void tell(orderIds).catch((error: unknown) => log.warn('requesters could not be told', { error }));
  registerPeerHandlers(link, { ...deletion, database, checkpoints, read: fromOrderRequest, local: cloud.local, tellRequesters: (orderIds) => told.tell(orderIds) });
  const receive = createReceiveAnswer({ self, store, moveOrders, wakeUp, retryMs: values.retryAfterMs, checkpoints, log, now: systemClock.now });
  link.onLateReply(ORDER, receive);
  return { link, remote: createRemoteProvider({ link, timeoutMs: values.xmppTimeoutMs, log }) };
}

async function startWorkers(context: ServiceContext, ground: Ground, parts: { orders: Orders; cloud: Cloud; federation: Federation }): Promise<void> {
  const { values, log, redis, queues, database } = ground;
  const { orders } = parts;
  const registry = await registerWorker({ database, workerId: orders.workerId, name: values.processName, deadAfterMs: values.workerDeadAfterMs, clock: systemClock, life: orders.life, log });
  context.add({ name: 'worker registry', stop: () => registry.stop() });
  const onError = (error: Error, job?: string): void => log.warn('a job failed; its duty comes again', { job, error });
  const duties = startJobWorkers({
    connection: redis.worker, prefix: values.redisPrefix, onError,
    handlers: dutyHandlers(ground, parts),
    concurrency: { placement: 2, release: 2, monitoring: 4, housekeeping: 2 },
  });
  context.add({ name: 'workers', stop: () => duties.close() });
  if (ground.tunnelWorkerConnection) {
    const handle = createTunnelEventHandler({ database, wakeUp: orders.wakeUp, checkpoints: ground.checkpoints, log });
    const events = startJobWorkers({
      connection: ground.tunnelWorkerConnection, prefix: values.tunnelRedisPrefix, onError, handlers: { 'tunnel-event': handle }, concurrency: { 'tunnel-events': 8 },
    });
    context.add({ name: 'tunnel events', stop: () => events.close() });
  }
  const { scheduler, release, resend, monitor, served, announce, tokens, grants, prune } = values.periods;
  context.add(startDuties(queues, {
    'place-orders': scheduler, 'release-instances': release, 'monitor-instances': monitor, 'renew-tokens': tokens, 'prune-history': prune,
    ...(parts.federation.link !== noFederation ? { 'resend-pending': resend, 'check-served-orders': served } : {}),
    ...(values.rendezvous ? { 'refresh-members': announce } : {}),
    ...(ground.tunnelQueues ? { 'reconcile-grants': grants } : {}),
  }, log));
}

function dutyHandlers(ground: Ground, { orders, cloud, federation }: { orders: Orders; cloud: Cloud; federation: Federation }) {
  const { values, self, log, database, checkpoints, tunnelQueues } = ground;
  const { store, releases, moveOrders, wakeUp, wakeLater, leases, life, deletion } = orders;
  const { local, tokens, calls, grants } = cloud;
  const { remote, link } = federation;
  const clock = systemClock;
  const facts = createFactsSource({
    self, database, clock, flavors: readFlavors(values.flavors).flavors, picker: createPlugin('picker', ground.values.raw, { memberId: self, log, now: clock.now }),
    retryMs: values.retryAfterMs, memberLifeMs: values.memberLifeMs, room: calls.quota, federationUp: () => link.connected(),
  });
  const place = createPlacementWorker({ self, leases, moveOrders, facts, local, remote, life, wakeLater, batchSize: values.placementBatch, checkpoints, log });
  const release = createReleaseWorker({ self, releases, purge: (orderId) => purgeDeleted(database, orderId), leases, local, remote, wakeUp, wakeLater, workerDeadAfterMs: values.workerDeadAfterMs, checkpoints, log });
  const policy = { self, bootDeadlineMs: values.bootDeadlineMs, maxFailedBoots: values.maxFailedBoots, retryAfter: (failed: number) => Math.min(1000 * 2 ** failed, 300_000) };
  const monitor = createMonitorWorker({ self, store, moveOrders, local, remote, policy, clock, checkpoints });
  const orphans = createFindOrphans({ self, store, releases, clock, log, graceMs: values.orphanGraceMs, list: calls.list });
  const resend = createResendPending({ store, moveOrders, remote, clock, resendAfterMs: values.resendAfterMs, giveUpAfterMs: values.giveUpAfterMs, retryMs: values.retryAfterMs });
  const checkServed = createCheckServedOrders({ self, link, deletion, timeoutMs: values.xmppTimeoutMs, tellRequesters: (orderIds) => orders.told.tell(orderIds), log });
  const refresh = values.rendezvous === undefined ? undefined : createRefreshMembers({
    database, link, rendezvous: values.rendezvous, timeoutMs: values.xmppTimeoutMs, pageSize: values.rendezvousPageSize, memberLifeMs: values.memberLifeMs,
    appeared: async (members) => {
      await leases.wakeWaiting(members);
      wakeUp('place-orders');
    },
  });
  const prune = createPruneHistory({ database, keepFor: values.keepFor });
  const reconcile = tunnelQueues && createReconcileGrants({ self, store: grants, tunnelQueues });
  return {
    'place-orders': (_: unknown, signal: AbortSignal) => place(signal),
    'resend-pending': (_: unknown, signal: AbortSignal) => resend(signal),
    'release-instances': (_: unknown, signal: AbortSignal) => release(signal),
    'monitor-instances': async ({ orderIds }: { orderIds?: readonly string[] }, signal: AbortSignal) => {
      await monitor(orderIds, signal);
      if (!orderIds) await orphans(signal);
    },
    'check-served-orders': (_: unknown, signal: AbortSignal) => checkServed(signal),
    'refresh-members': async (_: unknown, signal: AbortSignal) => { if (link.connected()) await refresh?.(signal); },
    'renew-tokens': async () => void await tokens.renewIfDue(),
    'prune-history': async (_: unknown, signal: AbortSignal) => void await prune(signal),
    'reconcile-grants': async () => await reconcile?.(),
  };
}

async function startApi(context: ServiceContext, ground: Ground, { orders, cloud, federation }: { orders: Orders; cloud: Cloud; federation: Federation }): Promise<void> {
  const { values, self, log, database, redis } = ground;
  const host = { memberId: self, log, now: systemClock.now };
  const identity = createPlugin('identity', context.values, host);
  const rate = createRateLimit({ perMinute: values.requestsPerMinute, clock: systemClock });
  const authenticate = withRateLimit(createAuthenticate({
    identity, authorization: createPlugin('authorization', context.values, host), timeoutMs: values.xmppTimeoutMs,
  }), rate);
  const flavorNames = readFlavors(values.flavors).flavors.map((flavor) => flavor.name);
  const { store, wakeUp, deletion } = orders;
  const useCases = {
    submit: createSubmitOrders({ self, store, wakeUp, flavorNames, maxCount: values.instancesPerOrder, checkpoints: ground.checkpoints, now: systemClock.now }),
    list: createListOrders({ self, store }),
    show: createShowOrder({ self, store }),
    remove: createDeleteOrder(deletion),
    removeAll: createDeleteOrders(deletion),
  };
  const health = healthRouter({
    database: async () => void await sql`select 1`.execute(database),
    // Orders are accepted without Redis, so it is told but does not make the process unready.
    redis: () => (redis.producer.status === 'ready' || redis.producer.status === 'reconnecting' ? undefined : `redis is ${redis.producer.status}`),
  }, createMetrics('manager'));
  const events = createEventStreams({ self, database, databaseUrl: values.databaseUrl, clock: systemClock, log, drain: context.signal, values });
  context.add(events.feed);
  const userOf = (token: string): ReturnType<typeof identity.authenticate> => identity.authenticate(token, AbortSignal.timeout(values.xmppTimeoutMs));
  const members = createListMembers({ database, self, memberLifeMs: values.memberLifeMs });
  const app = createApp({
    authenticate, events: events.options, health, log, orders: useCases, members,
    json: jsonEndpoints({ ...composeJsonApi(ground, { cloud, federation }, useCases), members, rate, userOf, stopping: context.signal }),
    occi: { authenticate, log, orders: useCases, challenge: identity.challenge, ...composeOcci(ground, orders, cloud, members) },
  });
  const server = createHttpServer(app);
  events.acceptUpgrades(server, app);
  const port = await listen(server, values.httpHost, values.httpPort);
  context.add({ name: 'http', stop: () => closeServer(server) });
  context.add(events.streams);
  log.info('the API listens', { host: values.httpHost, port });
}

/** The use cases that only the JSON API offers. */
function composeJsonApi(
  { values, self, log, database }: Ground, { cloud: { calls, images, power }, federation }: { cloud: Cloud; federation: Federation }, orders: OrderUseCases,
): Omit<JsonApi, 'members' | 'rate' | 'userOf' | 'stopping'> {
  const clock = systemClock;
  const { flavors } = readFlavors(values.flavors);
  const sizeOf = createSizeOf(flavors);
  const use = createMeasureUse({ self, database, sizeOf });
  const facts = createFactsSource({
    self, database, clock, flavors, picker: createPlugin('picker', values.raw, { memberId: self, log, now: clock.now }), retryMs: values.retryAfterMs,
    // Another process of ours may hold the federation; who was named of late is told by the database.
    memberLifeMs: values.memberLifeMs, room: calls.quota, federationUp: () => federation.link !== noFederation,
  });
  return {
    self, orders, sizeOf, use, flavors, admins: values.admins,
    accounting: createListAccounting({ database, sizeOf }),
    quota: createShowQuota({ self, use, room: calls.quota }),
    act: createActOnMachine({ self, ...(power ? { power } : {}), call: (work) => calls.run(AbortSignal.timeout(values.cloudTimeoutMs), (_compute, call) => work(call)) }),
    machineState: async ({ provider, instance, state }, signal) => {
      if (!instance || provider !== self || (state !== 'spawning' && state !== 'fulfilled')) return undefined;
      return (await calls.run(signal, (compute, call) => compute.describe(instance.id, call)).catch(() => undefined))?.state;
    },
    images: async (signal) => (images ? await calls.run(signal, (_compute, call) => images.list(call)) : []),
    submitOnce: createSubmitOnce({ database, submit: orders.submit }),
    wait: createWaitForOrders({ store: createOrderStore(database), clock }),
    preview: createPreviewPlacement({ self, facts, rules: { maxCount: values.instancesPerOrder, flavorNames: flavors.map(({ name }) => name), now: clock.now } }),
    ...(values.publicUrl ? { publicUrl: values.publicUrl } : {}),
  };
}

/** The use cases that only OCCI offers. */
function composeOcci({ values, self, database }: Ground, { deletion }: Orders, { calls, power }: Cloud, members: ListMembers): Omit<OcciOptions, 'authenticate' | 'log' | 'orders' | 'challenge'> {
  const { flavors } = readFlavors(values.flavors);
  const sizeOf = createSizeOf(flavors);
  const act = createActOnMachine({ self, ...(power ? { power } : {}), call: (work) => calls.run(AbortSignal.timeout(values.cloudTimeoutMs), (_compute, call) => work(call)) });
  return {
    self, flavors, extraResources: values.occiExtraResources,
    instances: createInstanceUseCases({ ...deletion, database, act }),
    federation: {
      members, isAdmin: (user) => values.admins.includes(user.id),
      accounting: createListAccounting({ database, sizeOf }),
      quota: createShowQuota({ self, use: createMeasureUse({ self, database, sizeOf }), room: calls.quota }),
    },
    ...(values.publicUrl ? { publicUrl: values.publicUrl } : {}),
  };
}
