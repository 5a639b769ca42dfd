import type { Announcement } from '@fogbow/messaging';
import { startJobWorkers } from '@fogbow/queues';
import type { JobName } from '@fogbow/queues';
import type { Quota } from '@fogbow/request-model';
import { inSpan, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { createReconcileGrants } from './access/reconcile-grants.js';
import { createTunnelEventHandler } from './access/tunnel-event-handler.js';
import { createLookRound } from './fulfilment/look-round.js';
import { createReleaseWorker } from './fulfilment/release-worker.js';
import { createPruneHistory } from './housekeeping/prune-history.js';
import { createSelfAnnouncer } from './members/announce-self.js';
import { createMemberStore } from './members/member-store.js';
import type { MemberStore } from './members/member-store.js';
import { statusOf } from './members/member-room.js';
import { createRefreshMembers } from './members/refresh-members.js';
import { createAssessPolicy } from './monitoring/assess-policy.js';
import { createFindOrphans } from './monitoring/find-orphans.js';
import { createMonitorWorker } from './monitoring/monitor-worker.js';
import { noFederation } from './no-federation.js';
import { purgeDeleted } from './orders/release-store.js';
import { registerWorker } from './orders/worker-registry.js';
import { createCheckServedOrders } from './peers/check-served-orders.js';
import { createResendPending } from './peers/resend-pending.js';
import { createTellNews } from './peers/tell-requesters.js';
import { createPlugin } from './plugins.js';
import { readFlavors } from './read-flavors.js';
import { createFactsSource } from './scheduling/placement-facts.js';
import { createPlacementWorker } from './scheduling/placement-worker.js';
import { startDuties } from './start-duties.js';
import type { Cloud } from './compose-cloud.js';
import type { Federation, Ground, Orders } from './compose-parts.js';
import type { Power } from './compose-power.js';
import type { Sharing } from './compose-sharing.js';

/** Resolves after the first try to speak for the member, well or not; it goes on trying. */
export async function startFederation(context: ServiceContext, { link }: Federation): Promise<void> {
  context.add({ name: 'federation', stop: () => link.stop() });
  await link.start();
}

interface Parts {
  readonly orders: Orders;
  readonly cloud: Cloud;
  readonly federation: Federation;
  readonly sharing: Sharing;
  readonly power: Power;
}

export async function startWorkers(context: ServiceContext, ground: Ground, parts: Parts): Promise<void> {
  const { values, log, redis, queues, database } = ground;
  const { orders } = parts;
  const registry = await registerWorker({ database, workerId: orders.workerId, name: values.processName, deadAfterMs: values.workerDeadAfterMs, clock: systemClock, life: orders.life, log });
  context.add({ name: 'worker registry', stop: () => registry.stop() });
  const onError = (error: Error, job?: string): void => log.warn('a job failed; its duty comes again', { job, error });
  const around = <Answer>(job: JobName, work: () => Promise<Answer>): Promise<Answer> => inSpan(ground.tracing, { name: `job ${job}`, kind: 'internal' }, work);
  const duties = startJobWorkers({
    connection: redis.worker, prefix: values.redisPrefix, onError,
    handlers: dutyHandlers(ground, parts), around,
    // Measurements are held back by how many may be under way anywhere.
    concurrency: { measuring: parts.power.atOnce, placement: 2, release: 2, monitoring: 4, housekeeping: 2 },
  });
  context.add({ name: 'workers', stop: () => duties.close() });
  if (ground.tunnelWorkerConnection) {
    const handle = createTunnelEventHandler({ database, wakeUp: orders.wakeUp, checkpoints: ground.checkpoints, log });
    const events = startJobWorkers({
      connection: ground.tunnelWorkerConnection, prefix: values.tunnelRedisPrefix, onError, handlers: { 'tunnel-event': handle }, around, concurrency: { 'tunnel-events': 8 },
    });
    context.add({ name: 'tunnel events', stop: () => events.close() });
  }
  const { scheduler, release, resend, monitor, served, announce, tokens, grants, prune, capacity, measure } = values.periods;
  context.add(startDuties(queues, {
    'place-orders': scheduler, 'release-instances': release, 'monitor-instances': monitor, 'renew-tokens': tokens, 'prune-history': prune,
    ...(parts.federation.link !== noFederation ? { 'resend-pending': resend, 'check-served-orders': served, 'update-capacity': capacity } : {}),
    ...(values.rendezvous ? { 'refresh-members': announce } : {}),
    ...(ground.tunnelQueues ? { 'reconcile-grants': grants } : {}),
    ...(parts.power.measure ? { 'measure-power': measure } : {}),
  }, log));
}

function dutyHandlers(ground: Ground, { orders, cloud, federation, sharing, power }: Parts) {
  const { values, self, log, database, checkpoints, tunnelQueues } = ground;
  const { store, releases, moveOrders, wakeUp, wakeLater, leases, life, deletion } = orders;
  const { local, tokens, grants, kinds, room } = cloud;
  const { remote, link } = federation;
  const clock = systemClock;
  const members = createMemberStore(database);
  const { silence } = members;
  const facts = createFactsSource({
    self, members, store, kinds, clock, flavors: readFlavors(values.flavors).flavors, picker: createPlugin('picker', ground.values.raw, { memberId: self, log, now: clock.now }),
    sharing: sharing.source, retryMs: values.retryAfterMs, memberLifeMs: values.memberLifeMs, room, federationUp: () => link.connected(),
  });
  const place = createPlacementWorker({ self, leases, moveOrders, facts, local, remote, makeRoom: sharing.makeRoom, life, wakeLater, batchSize: values.placementBatch, checkpoints, log });
  const release = createReleaseWorker({ self, releases, purge: (orderId) => purgeDeleted(database, orderId), leases, local, remote, wakeUp, wakeLater, workerDeadAfterMs: values.workerDeadAfterMs, silence, abandonAfterMs: values.abandonAfterMs, checkpoints, log });
  const policy = createAssessPolicy(self, values);
  const monitor = createMonitorWorker({ self, store, moveOrders, local, remote, policy, silence, clock, wakeLater, checkpoints, tellNews: createTellNews(link), ...(power.awaitPower ? { awaitPower: power.awaitPower } : {}) });
  const orphans = createFindOrphans({ self, store, releases, clock, log, ...values.orphanGrace, list: cloud.listInstances });
  const resend = createResendPending({ store, moveOrders, remote, clock, resendAfterMs: values.resendAfterMs, giveUpAfterMs: values.giveUpAfterMs, retryMs: values.retryAfterMs });
  const checkServed = createCheckServedOrders({ self, link, deletion, timeoutMs: values.xmppTimeoutMs, tellRequesters: (orderIds) => orders.told.tell(orderIds), silence, abandonAfterMs: values.abandonAfterMs, log, now: clock.now });
  const refresh = composeRefresh(ground, { link, certificate: federation.certificate, room, wakeLater, members }, async (newcomers) => {
    await leases.wakeWaiting(newcomers);
    wakeUp('place-orders');
  });
  const updateCapacity = sharing.updateCapacity(cloud.quota);
  const prune = createPruneHistory({ database, keepFor: values.keepFor });
  const reconcile = tunnelQueues && createReconcileGrants({ self, store: grants, tunnelQueues });
  return {
    'place-orders': (_: unknown, signal: AbortSignal) => place(signal),
    'measure-power': async (_: unknown, signal: AbortSignal) => await power.measure?.(signal),
    'resend-pending': (_: unknown, signal: AbortSignal) => resend(signal),
    'release-instances': (_: unknown, signal: AbortSignal) => release(signal),
    'monitor-instances': async ({ orderIds }: { orderIds?: readonly string[] }, signal: AbortSignal) => {
      const round = createLookRound();
      await monitor(orderIds, signal, orderIds ? undefined : round);
      if (!orderIds) await orphans(signal, round);
    },
    'check-served-orders': (_: unknown, signal: AbortSignal) => checkServed(signal),
    'refresh-members': async (_: unknown, signal: AbortSignal) => { if (link.connected()) await refresh?.(signal); },
    'renew-tokens': async () => void await Promise.all(tokens.map((token) => token.renewIfDue())),
    'prune-history': async (_: unknown, signal: AbortSignal) => void await prune(signal),
    'update-capacity': (_: unknown, signal: AbortSignal) => updateCapacity(signal),
    'reconcile-grants': async () => await reconcile?.(),
  };
}

function composeRefresh(
  { values, self }: Ground,
  { link, certificate, room, wakeLater, members }: Pick<Federation, 'link' | 'certificate'> & Pick<Cloud, 'room'> & Pick<Orders, 'wakeLater'> & { readonly members: MemberStore },
  appeared: (members: readonly string[]) => Promise<void>,
): ((signal: AbortSignal) => Promise<void>) | undefined {
  const { rendezvous, xmppTimeoutMs: timeoutMs, memberLifeMs } = values;
  if (rendezvous === undefined) return undefined;
  const announcer = createSelfAnnouncer({
    link, rendezvous, timeoutMs, periodMs: values.periods.announce, clock: systemClock, callAgainIn: (ms) => wakeLater('refresh-members', ms),
    facts: async (signal) => ({ certificate, ...(values.rendezvousTellRoom ? toldOf(await room(signal)) : {}) }),
  });
  return createRefreshMembers({ members, link, self, announcer, list: { rendezvous, timeoutMs, pageSize: values.rendezvousPageSize }, memberLifeMs, appeared });
}

const toldOf = (quota: Quota | undefined): Announcement => (quota ? { status: statusOf(quota) } : {});
