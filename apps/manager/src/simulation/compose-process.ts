import { EMPTY, ORDER, ORDERSTATE, STORAGELINK } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import type { JobHandlers, JobQueues } from '@fogbow/queues';
import { roundRobinPicker } from '@fogbow/picker-round-robin';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Flavor } from '@fogbow/request-model';
import { silentLogger } from '@fogbow/service-runtime';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { CloudCalls } from '../fulfilment/cloud-calls.js';
import { createLocalProvider } from '../fulfilment/local-provider.js';
import { createLookRound } from '../fulfilment/look-round.js';
import { createReleaseWorker } from '../fulfilment/release-worker.js';
import { createRemoteProvider } from '../fulfilment/remote-provider.js';
import type { ResourceDrivers } from '../fulfilment/resource-driver.js';
import { createSelfAnnouncer } from '../members/announce-self.js';
import { createRefreshMembers } from '../members/refresh-members.js';
import type { MemberStore } from '../members/member-store.js';
import { createAssessPolicy } from '../monitoring/assess-policy.js';
import { createFindOrphans } from '../monitoring/find-orphans.js';
import { createListOurInstances } from '../monitoring/list-our-instances.js';
import { createMonitorWorker } from '../monitoring/monitor-worker.js';
import type { OrderLeases } from '../orders/claim-orders.js';
import { createDeleteOrder } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import { createMoveOrders } from '../orders/move-orders.js';
import type { OrderStore } from '../orders/order-store.js';
import { removeInstance } from '../orders/own-instances.js';
import type { ReleaseStore } from '../orders/release-store.js';
import { createSubmitOrders } from '../orders/submit-orders.js';
import { createWaitForOrders } from '../orders/wait-for-orders.js';
import { createWakeLater, createWakeUp } from '../orders/wake-up.js';
import type { WorkerLife } from '../orders/worker-life.js';
import { createCheckServedOrders } from '../peers/check-served-orders.js';
import { createCheckLost } from '../peers/check-lost.js';
import { registerPeerHandlers } from '../peers/peer-handlers.js';
import { createLookAt } from '../peers/look-at.js';
import { createReceiveAnswer } from '../peers/receive-answer.js';
import { createReceiveNews } from '../peers/receive-news.js';
import { createResendPending } from '../peers/resend-pending.js';
import { createSendForOthers } from '../peers/send-for-others.js';
import type { ServedBooks } from '../peers/served-books.js';
import { createTellNews, createTellRequesters } from '../peers/tell-requesters.js';
import type { SharingSource } from '../sharing/sharing-source.js';
import { createFactsSource } from '../scheduling/placement-facts.js';
import { createPlacementWorker } from '../scheduling/placement-worker.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import type { ProcessHost } from './process-host.js';
import type { Timing } from './simulation-plan.js';

/** What a process finds in the simulated world. */
export interface ProcessGround {
  readonly self: string;
  readonly host: ProcessHost;
  readonly timing: Timing;
  readonly rendezvous: string;
  readonly store: OrderStore;
  readonly releases: ReleaseStore;
  readonly leases: OrderLeases;
  readonly served: ServedBooks;
  readonly members: MemberStore;
  readonly queues: JobQueues;
  readonly link: FederationLink;
  /** Present where this process holds the federation: only there others are heard. */
  readonly holdsLink: boolean;
  readonly life: WorkerLife;
  readonly cloud: { readonly calls: CloudCalls; readonly drivers: ResourceDrivers; readonly kinds: readonly (keyof ResourceDrivers)[] };
  readonly checkpoints: Checkpoints<CrashStep>;
  purge(orderId?: string): Promise<void>;
}

export const FLAVORS: readonly Flavor[] = [{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }, { name: 'large', vcpu: 4, ramMb: 8192, diskGb: 40 }];
export const MAX_FAILED_BOOTS = 5;
const BATCH = 50;
const log = silentLogger;
/** Nobody is gone for good here. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** Everybody believes everybody, lets everybody in and makes way for nobody. */
const identity: ForwardedIdentity = {
  vouchFor: ({ id, name }) => ({ accessId: '', userId: id, userName: name }),
  prove: async (_from, token) => ({ id: token?.userId ?? '', name: token?.userName ?? '' }),
};
const NO_SHARING: SharingSource = { kept: async () => [], making: async () => undefined, favoursOf: async () => () => NO_FAVOURS, barred: async () => new Map() };
const makeRoom = async (): Promise<never> => { throw new Error('Nobody makes room here.'); };

/** A Manager's process, as compose.ts and its neighbours wire it, over the simulated world. */
export function composeProcess(ground: ProcessGround) {
  const { self, host, timing, store, link, cloud, checkpoints, queues, life } = ground;
  const wakeUp = createWakeUp(queues, log);
  const wakeLater = createWakeLater(queues, log);
  const deletion: DeleteOptions = { self, store, releases: ground.releases, wakeUp, checkpoints, purge: (orderId) => ground.purge(orderId) };
  const told = { tell: (_orderIds: readonly string[]): void => undefined };
  const tellRequesters = (orderIds: readonly string[]): void => told.tell(orderIds);
  const moveOrders = createMoveOrders({ self, store, wakeUp, wakeLater, tellRequesters });
  const policy = createAssessPolicy(self, { bootDeadlineMs: timing.bootDeadline, maxFailedBoots: MAX_FAILED_BOOTS, lostAfterMs: timing.lostAfter });
  const local = createLocalProvider({ self, calls: cloud.calls, drivers: cloud.drivers, mayAsk: life.isAlive, checkpoints });
  const remote = createRemoteProvider({ link, store, identity, timeoutMs: timing.xmppTimeout, log });
  const tell = createTellRequesters({ link, deletion, checkpoints, log, rememberRemoved: (order) => ground.served.rememberRemoved(order.requester, order.id, order.incarnation) });
  told.tell = (orderIds) => void tell(orderIds).catch(() => undefined);
  const parts = { ground, policy, wakeUp, wakeLater, deletion, tellRequesters, moveOrders, local, remote };
  if (ground.holdsLink) listen(parts);
  const submit = createSubmitOrders({ self, store, wakeUp, maxCount: 1000, flavorNames: FLAVORS.map(({ name }) => name), checkpoints, now: host.clock.now });
  return { handlers: jobHandlers(parts), submit, remove: createDeleteOrder(deletion), removeInstance: (orderId: string) => removeItsInstance(deletion, orderId) };
}

export type ComposedProcess = ReturnType<typeof composeProcess>;

interface Parts {
  readonly ground: ProcessGround;
  readonly wakeUp: ReturnType<typeof createWakeUp>;
  readonly wakeLater: ReturnType<typeof createWakeLater>;
  readonly deletion: DeleteOptions;
  readonly tellRequesters: (orderIds: readonly string[]) => void;
  readonly moveOrders: ReturnType<typeof createMoveOrders>;
  readonly local: ReturnType<typeof createLocalProvider>;
  readonly remote: ReturnType<typeof createRemoteProvider>;
  readonly policy: ReturnType<typeof createAssessPolicy>;
}

function listen({ ground, policy, wakeUp, deletion, tellRequesters, moveOrders, local, remote }: Parts): void {
  const { self, host, link, store, timing, checkpoints } = ground;
  const { clock } = host;
  registerPeerHandlers(link, {
    ...deletion, served: ground.served, identity, checkAdmitted: () => Promise.resolve(), admit: (_from, _wish, takeIn) => takeIn(), tellRequesters, wait: createWaitForOrders({ store, clock }),
    // The handlers bound this call by the real time, which does not pass here.
    local: { ...local, describe: (orders) => local.describe(orders, new AbortController().signal) },
  });
  const lookAt = createLookAt({ wakeUp, clock });
  const checkLost = createCheckLost({ remote: { describe: (orders) => remote.describe(orders, new AbortController().signal) }, moveOrders, lookAt, policy, timeoutMs: timing.xmppTimeout, clock });
  const receive = createReceiveAnswer({ self, store, moveOrders, wakeUp, checkLost, retryMs: timing.retryAfter, checkpoints, log, now: clock.now });
  const news = createReceiveNews({ self, store, lookAt });
  link.handle(ORDERSTATE, async (from, given) => {
    await news(from, given);
    return EMPTY;
  });
  link.onLateReply(ORDER, receive);
  link.onLateReply(STORAGELINK, (from, id, outcome) => receive(from, id, 'reply' in outcome ? { reply: { instanceId: outcome.reply.attachmentId } } : outcome));
}

function jobHandlers({ ground, policy, wakeUp, wakeLater, deletion, tellRequesters, moveOrders, local, remote }: Parts): JobHandlers {
  const { self, host: { clock }, timing, store, releases, leases, members, link, life, cloud: { calls, drivers, kinds }, checkpoints } = ground;
  const { silence } = members;
  const facts = createFactsSource({
    self, members, store, kinds, clock, flavors: FLAVORS, picker: roundRobinPicker.create({}, { memberId: self, log, now: clock.now }),
    sharing: NO_SHARING, retryMs: timing.retryAfter, memberLifeMs: timing.memberLife, room: calls.quota, federationUp: () => link.connected(),
  });
  const place = createPlacementWorker({ self, leases, moveOrders, facts, local, remote, makeRoom, life, wakeLater, batchSize: BATCH, checkpoints, log });
  const release = createReleaseWorker({ self, releases, purge: ground.purge, leases, local, remote, wakeUp, wakeLater, workerDeadAfterMs: timing.workerDeadAfter, silence, abandonAfterMs: NEVER_MS, checkpoints, log });
  const monitor = createMonitorWorker({ self, store, moveOrders, local, remote, policy, silence, clock, wakeLater, checkpoints, tellNews: createTellNews(link) });
  const orphans = createFindOrphans({ self, store, releases, clock, log, graceMs: timing.orphanGrace, unknownVolumeGraceMs: timing.orphanGrace, list: createListOurInstances({ accounts: [{ calls }], drivers }) });
  const resend = createResendPending({ store, moveOrders, remote, clock, resendAfterMs: timing.resendAfter, giveUpAfterMs: timing.giveUpAfter, retryMs: timing.retryAfter });
  const checkServed = createCheckServedOrders({ self, link, deletion, timeoutMs: timing.xmppTimeout, tellRequesters, silence, abandonAfterMs: NEVER_MS, log, now: clock.now });
  const appeared = async (newcomers: readonly string[]): Promise<void> => {
    await leases.wakeWaiting(newcomers);
    wakeUp('place-orders');
  };
  const { rendezvous } = ground;
  const announcer = createSelfAnnouncer({ link, rendezvous, timeoutMs: timing.xmppTimeout, periodMs: timing.periods.announce, clock });
  const list = { rendezvous, timeoutMs: timing.xmppTimeout, pageSize: 100 };
  const refresh = createRefreshMembers({ members, link, self, announcer, list, memberLifeMs: timing.memberLife, appeared });
  const handlers: JobHandlers = {
    'place-orders': (_, signal) => place(signal),
    'resend-pending': (_, signal) => resend(signal),
    'release-instances': (_, signal) => release(signal),
    'monitor-instances': async ({ orderIds }, signal) => {
      const round = createLookRound();
      await monitor(orderIds, signal, orderIds ? undefined : round);
      if (!orderIds) await orphans(signal, round);
    },
    'check-served-orders': (_, signal) => checkServed(signal),
    'refresh-members': async (_, signal) => { if (link.connected()) await refresh(signal); },
  };
  return ground.holdsLink ? { ...handlers, 'send-message': createSendForOthers({ link, now: clock.now }) } : handlers;
}

async function removeItsInstance(deletion: DeleteOptions, orderId: string): Promise<void> {
  const order = await deletion.store.get(orderId);
  if (order) await removeInstance(deletion, order);
}
