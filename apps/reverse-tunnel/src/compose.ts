import express from 'express';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { TunnelEndpoint } from '@fogbow/queues';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen, newId, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { readStatus } from './api/read-status.js';
import { statusRouter } from './api/status-router.js';
import type { TunnelStatus } from './api/status-router.js';
import { createTunnelCounts } from './api/tunnel-counts.js';
import type { TunnelCounts } from './api/tunnel-counts.js';
import { addTunnelMetrics } from './api/tunnel-metrics.js';
import { drainOnSignal } from './control/drain-on-signal.js';
import { createEndedGrants } from './control/ended-grants.js';
import { listenToOthers } from './control/other-processes.js';
import type { OtherProcesses } from './control/other-processes.js';
import { startControl } from './control/start-control.js';
import { createEventOutbox } from './events/event-outbox.js';
import { createFaultLog } from './events/fault-log.js';
import { createGrantStore } from './grants/grant-store.js';
import { grantTunnels } from './grants/grant-tunnels.js';
import { loadGrants } from './grants/load-grants.js';
import type { GrantDesk } from './grants/make-grant.js';
import { replaceTunnels } from './grants/replace-tunnels.js';
import { revokeTunnels } from './grants/revoke-tunnels.js';
import { createTurns } from './grants/turns.js';
import { allocatePort } from './ports/allocate-port.js';
import { canBindPort } from './ports/bind-port.js';
import { createPortTable } from './ports/port-table.js';
import { readSettings } from './read-settings.js';
import type { TunnelConfig } from './read-settings.js';
import { loadHostKey, loadRsaKey } from './sessions/host-key.js';
import { doorKeyOf } from './sessions/knock.js';
import { startWeb } from './web/start-web.js';

export interface RunningTunnel {
  readonly endpoint: TunnelEndpoint;
  readonly httpPort: number;
}

/** Wires and starts everything; the parts are stopped in the reverse order. */
export async function startTunnel(context: ServiceContext): Promise<RunningTunnel> {
  const config = readSettings(context.values);
  const { log, signal } = context;
  const hostKey = loadHostKey(config.ssh.hostKeyFile);
  const onFault = createFaultLog(log, systemClock);
  const redis = connectToRedis(context, config, onFault);
  const events = startEvents(context, config, redis.producer, onFault);
  const store = createGrantStore({ redis: redis.producer, prefix: config.redis.prefix, log });
  const table = createPortTable(config.ports, config.ports.restMs);
  await loadGrants(store, table, { clock: systemClock, log, signal });
  redis.producer.on('ready', () => void store.heal().catch((error: unknown) => log.warn('grants could not be written again', { error })));
  const counts = createTunnelCounts();
  const ended = createEndedGrants();
  const others: { current?: OtherProcesses } = {};
  const control = await startControl(context, config, {
    hostKeys: [hostKey.privateKey, loadRsaKey(config.ssh.hostKeyFile)], grants: store, hasEnded: ended.has, post: events.post, onEntered: (id) => others.current?.entered(id),
    refuse: counts.refuse, carried: counts.carried,
  });
  const { sessions } = others.current = listenToOthers({
    own: ended.watching(control.directory), id: newId(), prefix: config.redis.prefix, publisher: redis.producer, subscriber: redis.subscriber, log,
  });
  const sshPort = await control.open();
  const dialled = { dialHost: config.dialHost, dialPort: config.dialPort ?? sshPort, publicHost: config.publicHost, hostKey: hostKey.publicLine };
  const allocate = (holder: string): ReturnType<typeof allocatePort> =>
    allocatePort(table, holder, (port) => canBindPort(config.ports.host, port), systemClock.uptime);
  const desk: GrantDesk = { store, ports: { table, allocate, now: systemClock.uptime }, sessions, turns: createTurns(), post: events.post, clock: systemClock, log };
  const web = config.web && await startWeb(context, config.web, {
    desk, doorKey: doorKeyOf(hostKey.privateKey), mostAdded: config.servicesPerMachine, clock: systemClock, endpoint: dialled, refuse: counts.refuse,
  });
  const endpoint = web?.endpoint ?? dialled;
  const closeGrants = await startGrantWorker(context, config, { connection: redis.worker, onError: onFault }, desk, endpoint);
  events.post({ type: 'started' });
  const status = (): Promise<TunnelStatus> => readStatus(control, { endpoint, grants: store.all().length, ports: table.counts(systemClock.uptime()), eventsWaiting: events.waiting() });
  const api = await startApi(context, config, () => redis.producer.status, { status, counts });
  drainOnSignal({ signal, log, deadlineMs: config.drainMs, clock: systemClock, sessions: () => control.directory.list().length, close: [control.closeDoor, ...(web ? [web.closeDoor] : []), closeGrants, api.close] });
  return { endpoint, httpPort: api.port };
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
  { add }: ServiceContext, config: TunnelConfig, queue: { readonly connection: Redis; readonly onError: OnFault }, desk: GrantDesk, endpoint: TunnelEndpoint,
): Promise<() => Promise<void>> {
  const workers = startJobWorkers({
    ...queue, prefix: config.redis.prefix,
    handlers: {
      'grant-tunnels': (payload) => grantTunnels(desk, endpoint, payload),
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
