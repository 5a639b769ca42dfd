import { closeServer, createHttpServer, listen, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { createListAccounting } from './accounting/list-accounting.js';
import { createSizeOf } from './accounting/machine-size.js';
import { createDrain } from './api/drain.js';
import { createAuthenticate } from './api/authenticate.js';
import { createApp } from './api/create-app.js';
import { createEventStreams } from './api/events/event-streams.js';
import { jsonEndpoints } from './api/json/json-endpoints.js';
import type { JsonApi } from './api/json/json-endpoints.js';
import { createRateLimit, withRateLimit } from './api/limit-rate.js';
import { createRefusalLog } from './api/log-refusals.js';
import { OPERATOR_CHALLENGE, operatorToken } from './api/operator/operator-gate.js';
import type { OcciOptions } from './api/occi/occi-options.js';
import type { OrderUseCases } from './api/order-use-cases.js';
import { createListMembers } from './members/list-members.js';
import type { ListMembers } from './members/list-members.js';
import { createMemberStore } from './members/member-store.js';
import { createShowQuota } from './members/show-quota.js';
import { createAskMachineState, createAskMachineStates } from './monitoring/ask-machine-state.js';
import { noFederation } from './no-federation.js';
import { createDeleteOrder } from './orders/delete-order.js';
import { createDeleteOrders } from './orders/delete-orders.js';
import { createListOrders } from './orders/list-orders.js';
import { createOrderStore } from './orders/order-store.js';
import { createOrderViews } from './orders/order-views.js';
import { createInstanceUseCases } from './orders/own-instances.js';
import { createShowOrder } from './orders/show-order.js';
import { createSubmitOnce } from './orders/submit-once.js';
import { createSubmitOrders } from './orders/submit-orders.js';
import { createWaitForOrders } from './orders/wait-for-orders.js';
import { createPlugin } from './plugins.js';
import { readFlavors } from './read-flavors.js';
import { createFactsSource } from './scheduling/placement-facts.js';
import { createPreviewPlacement } from './scheduling/preview-placement.js';
import { composeBoard } from './compose-board.js';
import { createHealth } from './compose-health.js';
import type { Cloud } from './compose-cloud.js';
import type { Federation, Ground, Orders } from './compose-parts.js';
import type { Power } from './compose-power.js';
import type { Sharing } from './compose-sharing.js';

interface ApiParts {
  readonly orders: Orders;
  readonly cloud: Cloud;
  readonly federation: Federation;
  readonly sharing: Sharing;
  readonly power: Power;
}

export async function startApi(context: ServiceContext, ground: Ground, { orders, cloud, federation, sharing, power }: ApiParts): Promise<void> {
  const { values, self, log, database } = ground;
  const host = { memberId: self, log, now: systemClock.now };
  const identity = createPlugin('identity', context.values, host);
  const rate = createRateLimit({ perMinute: values.requestsPerMinute, clock: systemClock });
  const proving = { identity, authorization: createPlugin('authorization', context.values, host), timeoutMs: values.xmppTimeoutMs };
  const authenticate = withRateLimit(createAuthenticate(proving), rate);
  const ofOperators = withRateLimit(createAuthenticate({ ...proving, challenge: OPERATOR_CHALLENGE, readToken: operatorToken }), rate);
  const flavorNames = readFlavors(values.flavors).flavors.map((flavor) => flavor.name);
  const { store, wakeUp, deletion } = orders;
  const views = createOrderViews(database);
  const useCases = {
    submit: createSubmitOrders({ self, store, wakeUp, flavorNames, maxCount: values.instancesPerOrder, checkpoints: ground.checkpoints, now: systemClock.now }),
    list: createListOrders({ self, views }),
    show: createShowOrder({ self, views }),
    remove: createDeleteOrder(deletion),
    removeAll: createDeleteOrders(deletion),
  };
  const drain = createDrain({ forMs: values.httpDrainMs, clock: systemClock });
  const health = createHealth(ground, federation.link, { stopping: drain.check });
  const events = createEventStreams({ self, database, databaseUrl: values.databaseUrl, clock: systemClock, log, drain: drain.leaving, values });
  context.add(events.feed);
  const userOf = (token: string): ReturnType<typeof identity.authenticate> => identity.authenticate(token, AbortSignal.timeout(values.xmppTimeoutMs));
  const members = createListMembers({ database, self, memberLifeMs: values.memberLifeMs });
  const shared = composeShared(ground, { cloud, federation, power }, members);
  const submitOnce = createSubmitOnce({ database, submit: useCases.submit });
  const app = createApp({
    board: await composeBoard(context, ground, { authenticate: ofOperators, rate }), authenticate, events: events.options, health, log, tracing: ground.tracing, orders: useCases, members,
    json: jsonEndpoints({ ...composeJsonApi(ground, { cloud, federation, sharing, power }, useCases), ...shared, submitOnce, members, rate, userOf, stopping: drain.leaving }),
    occi: { authenticate, log, orders: useCases, submitOnce, challenge: identity.challenge, ...composeOcci(ground, orders, { ...shared, members }) },
  });
  const server = createHttpServer(app, {
    tls: values.httpTls && { ...values.httpTls, onRenewal: (error) => (error ? log.warn('the renewed certificate of the API cannot be taken', { error }) : log.info('the API has a renewed certificate')) },
    proxies: values.proxies && { senders: values.proxies, onRefused: createRefusalLog({ log, clock: systemClock }) },
  });
  events.acceptUpgrades(server, app);
  const port = await listen(server, values.httpHost, values.httpPort);
  context.add({ name: 'http', stop: () => closeServer(server) });
  context.add(events.streams);
  context.add(drain.part(server));
  log.info('the API listens', { host: values.httpHost, port });
}

type Shared = ReturnType<typeof composeShared>;

/** The use cases that both renderings offer, beside those of orders. */
function composeShared({ values, self, database }: Ground, { cloud, federation: { link, remote, act, use, identity }, power: { powerOf } }: Omit<ApiParts, 'orders' | 'sharing'>, members: ListMembers) {
  return {
    act,
    machineState: createAskMachineState({ self, local: cloud.local, remote }),
    machineStates: createAskMachineStates({ self, local: cloud.local }),
    images: cloud.listImages,
    accounting: createListAccounting({ database, powerOf, sizeOf: createSizeOf(readFlavors(values.flavors).flavors) }),
    quota: createShowQuota({ self, use, members, link, identity, timeoutMs: values.xmppTimeoutMs, room: cloud.quota }),
  };
}

/** The use cases that only the JSON API offers. */
function composeJsonApi(
  { values, self, log, database }: Ground, { cloud: { kinds, room }, federation, sharing, power }: Omit<ApiParts, 'orders'>, orders: OrderUseCases,
): Omit<JsonApi, 'members' | 'rate' | 'userOf' | 'stopping' | keyof Shared | 'submitOnce'> {
  const clock = systemClock;
  const { flavors } = readFlavors(values.flavors);
  const store = createOrderStore(database);
  const facts = createFactsSource({
    self, members: createMemberStore(database), store, kinds, clock, flavors, picker: createPlugin('picker', values.raw, { memberId: self, log, now: clock.now }), sharing: sharing.source, retryMs: values.retryAfterMs,
    // Another process of ours may hold the federation; who was named of late is told by the database.
    memberLifeMs: values.memberLifeMs, room, federationUp: () => federation.link !== noFederation,
  });
  return {
    self, orders, use: federation.use, forgetKey: federation.pins.forget, sizeOf: createSizeOf(flavors), powerOf: power.powerOf, flavors, admins: values.admins,
    wait: createWaitForOrders({ store, clock }),
    preview: createPreviewPlacement({ self, store, facts, rules: { maxCount: values.instancesPerOrder, flavorNames: flavors.map(({ name }) => name), now: clock.now } }),
    ...(values.publicUrl ? { publicUrl: values.publicUrl } : {}),
  };
}

/** The use cases that only OCCI offers. */
function composeOcci(
  { values, self, database }: Ground, { deletion }: Orders, { act, machineState, machineStates, images, accounting, quota, members }: Shared & { readonly members: ListMembers },
): Omit<OcciOptions, 'authenticate' | 'log' | 'orders' | 'submitOnce' | 'challenge'> {
  return {
    self, machineState, machineStates, images, flavors: readFlavors(values.flavors).flavors, extraResources: values.occiExtraResources,
    instances: createInstanceUseCases({ ...deletion, database, act }),
    federation: { members, isAdmin: (user) => values.admins.includes(user.id), accounting, quota },
    ...(values.publicUrl ? { publicUrl: values.publicUrl } : {}),
  };
}
