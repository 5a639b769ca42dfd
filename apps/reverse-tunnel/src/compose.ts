import express from 'express';
import { createKeyedTurns } from '@fogbow/plugin-contracts';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { TunnelEndpoint, TunnelPlace } from '@fogbow/queues';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen, newId, systemClock } from '@fogbow/service-runtime';
import type { Logger, ServiceContext } from '@fogbow/service-runtime';
import { readStatus } from './api/read-status.js';
import { statusRouter } from './api/status-router.js';
import type { TunnelStatus } from './api/status-router.js';
import { createTunnelCounts } from './api/tunnel-counts.js';
import type { TunnelCounts } from './api/tunnel-counts.js';
import { addTunnelMetrics } from './api/tunnel-metrics.js';
import { drainOnSignal } from './control/drain-on-signal.js';
import { createEndedGrants } from './control/ended-grants.js';
import { grantWord, listenToOthers } from './control/other-processes.js';
import type { OtherProcesses } from './control/other-processes.js';
import { startControl } from './control/start-control.js';
import { createEventOutbox } from './events/event-outbox.js';
import { createFaultLog } from './events/fault-log.js';
import { followPool } from './grants/follow-pool.js';
import { createGrantStore } from './grants/grant-store.js';
import type { GrantStore } from './grants/grant-store.js';
import { grantTunnels } from './grants/grant-tunnels.js';
import { loadGrants } from './grants/load-grants.js';
import type { GrantDesk, SessionControl } from './grants/make-grant.js';
import { replaceTunnels } from './grants/replace-tunnels.js';
import { revokeTunnels } from './grants/revoke-tunnels.js';
import { createForeignPorts } from './hosts/foreign-ports.js';
import { joinHosts } from './hosts/host-register.js';
import type { HostRegister } from './hosts/host-register.js';
import { createPoolClock } from './hosts/pool-clock.js';
import type { PoolClock } from './hosts/pool-clock.js';
import { allocatePort } from './ports/allocate-port.js';
import { canBindPort } from './ports/bind-port.js';
import { createPortTable } from './ports/port-table.js';
import type { PortTable } from './ports/port-table.js';
import { readSettings } from './read-settings.js';
import type { TunnelConfig } from './read-settings.js';
import { loadHostKey, loadRsaKey } from './sessions/host-key.js';
import { doorKeyOf } from './sessions/knock.js';
import { startWeb } from './web/start-web.js';

export interface RunningTunnel {
  readonly endpoint: TunnelEndpoint;
  readonly httpPort: number;
}

/** What parts need of those that come after them. */
interface Later {
  own?: SessionControl;
  others?: OtherProcesses;
  endpoint?: TunnelEndpoint;
  hosts?: HostRegister;
}

/** Wires and starts everything; the parts are stopped in the reverse order. */
export async function startTunnel(context: ServiceContext): Promise<RunningTunnel> {
  const config = readSettings(context.values);
  const { log, signal } = context;
  const hostKey = loadHostKey(config.ssh.hostKeyFile);
  const onFault = createFaultLog(log, systemClock);
  const redis = connectToRedis(context, config, onFault);
  const events = startEvents(context, config, redis.producer, onFault);
  const table = createPortTable(config.ports, config.ports.restMs);
  const [later, processId, poolClock]: [Later, string, PoolClock] = [{}, newId(), createPoolClock(systemClock)];
  const store = openGrants(config, { redis: redis.producer, table, later, processId, log });
  await loadGrants(store, table, { clock: systemClock, log, signal });
  const heal = (): void => void store.heal().catch((error: unknown) => log.warn('grants could not be compared with those of Redis', { error }));
  redis.producer.on('ready', heal);
  const counts = createTunnelCounts();
  const ended = createEndedGrants();
  const control = await startControl(context, config, {
    hostKeys: [hostKey.privateKey, loadRsaKey(config.ssh.hostKeyFile)], grants: store, hasEnded: ended.has, post: events.post, onEntered: (id, began) => later.others?.entered(id, began),
    poolNow: poolClock.now, where: () => later.endpoint && placeOf(later.endpoint), refuse: counts.refuse, carried: counts.carried,
  });
  const own = later.own = ended.watching(control.directory);
  const { sessions } = later.others = listenToOthers({
    own, id: processId, prefix: config.redis.prefix, publisher: redis.producer, subscriber: redis.subscriber, onJoined: () => later.hosts?.lookAgain(), onHeardAgain: heal, log,
    refresh: (id) => void store.refresh(id).catch((error: unknown) => log.debug('a changed grant could not be read', { grantId: id, error })),
  });
  const sshPort = await control.open();
  const dialled = later.endpoint = { dialHost: config.dialHost, dialPort: config.dialPort ?? sshPort, publicHost: config.publicHost, hostKey: hostKey.publicLine };
  const canBind = (port: number): Promise<boolean> => canBindPort(config.ports.host, port);
  const allocate = (holder: string): ReturnType<typeof allocatePort> =>
    allocatePort(table, holder, async (port) => later.hosts?.isOpenElsewhere(port) !== false && await canBind(port), systemClock.uptime);
  const desk: GrantDesk = { store, ports: { table, allocate, now: systemClock.uptime }, sessions, turns: createKeyedTurns(), post: events.post, clock: systemClock, log };
  const web = config.web && await startWeb(context, config.web, {
    desk, doorKey: doorKeyOf(hostKey.privateKey), mostAdded: config.servicesPerMachine, clock: systemClock, endpoint: dialled, refuse: counts.refuse,
  });
  const endpoint = later.endpoint = web?.endpoint ?? dialled;
  const hosts = later.hosts = await joinHosts({
    redis: redis.producer, prefix: config.redis.prefix, poolClock, clock: systemClock, log, own: { endpoint, ports: config.ports, sessions: () => control.directory.list().length },
    foreign: createForeignPorts({ range: config.ports, isHeld: table.isHeld, canBind: async (port) => config.ports.reserved?.has(port) !== true && await canBind(port) }),
  });
  later.others.joined();
  context.add({ name: 'host register', stop: () => hosts.stop() });
  const closeGrants = await startGrantWorker(context, config, { connection: redis.worker, onError: onFault }, desk, { own: endpoint, all: hosts.endpoints });
  events.post({ type: 'started' });
  const status = (): Promise<TunnelStatus> =>
    readStatus(control, { endpoint, hosts: hosts.list(), grants: store.all().length, ports: table.counts(systemClock.uptime()), eventsWaiting: events.waiting() });
  const api = await startApi(context, config, () => redis.producer.status, { status, counts });
  drainOnSignal({
    signal, log, deadlineMs: config.drainMs, clock: systemClock, sessions: () => control.directory.list().length,
    close: [control.closeDoor, ...(web ? [web.closeDoor] : []), closeGrants, hosts.stop, api.close],
  });
  return { endpoint, httpPort: api.port };
}

const placeOf = ({ dialHost, dialPort, publicHost, web }: TunnelEndpoint): TunnelPlace =>
  ({ dialHost, dialPort, publicHost, ...(web ? { web: { url: web.url, ...(web.domain === undefined ? {} : { domain: web.domain }) } } : {}) });

function openGrants(config: TunnelConfig, { redis, table, later, processId, log }: { readonly redis: Redis; readonly table: PortTable; readonly later: Later; readonly processId: string; readonly log: Logger }): GrantStore {
  const onForeignChange = followPool({
    table, now: systemClock.uptime, sessions: { cut: (id, why) => later.own?.cut(id, why), change: (grant) => later.own?.change(grant) },
  });
  return createGrantStore({ redis, prefix: config.redis.prefix, restMs: config.ports.restMs, wordOf: (id) => grantWord(processId, id), onForeignChange, log });
}

const CLOSE_MS = 3000;

type Redis = ReturnType<typeof connectRedis>;
type OnFault = (error: Error) => void;

function connectToRedis({ add }: ServiceContext, config: TunnelConfig, onError: OnFault): { producer: Redis; worker: Redis; subscriber: Redis } {
  const producer = connectRedis(config.redis.url, 'producer', onError);
  const worker = connectRedis(config.redis.url, 'worker', onError);
  const subscriber = connectRedis(config.redis.url, 'worker', onError);
  add({ name: 'redis', stop: () => { producer.disconnect(); worker.disconnect(); subscriber.disconnect(); } });
  return { producer, worker, subscriber };
}

function startEvents(context: ServiceContext, config: TunnelConfig, connection: Redis, onError: OnFault): ReturnType<typeof createEventOutbox> {
  const queues = createJobQueues({ connection, prefix: config.redis.prefix, onError });
  const outbox = createEventOutbox({ send: (event) => queues.add('tunnel-event', event), clock: systemClock, log: context.log });
  context.add({ name: 'event queue', stop: () => queues.close() });
  context.add({ name: 'events', stop: () => outbox.stop() });
  return outbox;
}

async function startGrantWorker(
  { add }: ServiceContext, config: TunnelConfig, queue: { readonly connection: Redis; readonly onError: OnFault }, desk: GrantDesk, hosts: Parameters<typeof grantTunnels>[1],
): Promise<() => Promise<void>> {
  const workers = startJobWorkers({
    ...queue, prefix: config.redis.prefix,
    handlers: {
      'grant-tunnels': (payload) => grantTunnels(desk, hosts, payload),
      'revoke-tunnels': (payload) => revokeTunnels(desk, payload),
      'replace-tunnels': (payload) => replaceTunnels(desk, payload),
    },
  });
  const close = async (): Promise<void> => {
    const closed = new AbortController();
    // With Redis away BullMQ waits for it even to close.
    await Promise.race([workers.close().finally(() => closed.abort()), systemClock.sleep(CLOSE_MS, closed.signal)]);
  };
  add({ name: 'grant worker', stop: close });
  await workers.ready();
  return close;
}

async function startApi(
  { log, add }: ServiceContext, config: TunnelConfig, redisState: () => string, { status, counts }: { readonly status: () => Promise<TunnelStatus>; readonly counts: TunnelCounts },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const metrics = createMetrics('reverse-tunnel');
  addTunnelMetrics(metrics, status, counts);
  const app = express();
  app.use(healthRouter({ redis: () => (redisState() === 'ready' ? undefined : 'Redis does not answer.') }, metrics), statusRouter(status));
  const server = createHttpServer(app);
  const port = await listen(server, config.http.host, config.http.port);
  server.on('error', (error) => log.warn('the HTTP server has a fault', { error }));
  const close = (): Promise<void> => closeServer(server);
  add({ name: 'http', stop: close });
  return { port, close };
}
