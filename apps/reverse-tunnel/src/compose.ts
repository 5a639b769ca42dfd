import express from 'express';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { TunnelEndpoint } from '@fogbow/queues';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { statusRouter } from './api/status-router.js';
import type { TunnelStatus } from './api/status-router.js';
import { addTunnelMetrics } from './api/tunnel-metrics.js';
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
import { loadHostKey } from './sessions/host-key.js';
import { doorKeyOf } from './sessions/knock.js';
import { createSessionRegistry } from './sessions/session-registry.js';
import { startSshServer } from './sessions/ssh-server.js';
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
  const doorKey = doorKeyOf(hostKey.privateKey);
  const onFault = createFaultLog(log, systemClock);
  const redis = connectToRedis(context, config, onFault);
  const events = startEvents(context, config, redis.producer, onFault);
  const store = createGrantStore({ redis: redis.producer, prefix: config.redis.prefix, log });
  const table = createPortTable(config.ports, config.ports.restMs);
  const registry = createSessionRegistry();
  await loadGrants(store, table, { clock: systemClock, log, signal });
  redis.producer.on('ready', () => void store.heal().catch((error: unknown) => log.warn('grants could not be written again', { error })));
  const ssh = await startSshServer({
    ...config.ssh, hostKey: hostKey.privateKey, login: config.login, registry,
    sessionHost: { grants: store, post: events.post, clock: systemClock, log, portsHost: config.ports.host, connectionsPerTunnel: config.connectionsPerTunnel, doorKey },
  });
  context.add({ name: 'ssh server', stop: () => ssh.stop() });
  const dialled = { dialHost: config.dialHost, dialPort: config.dialPort ?? ssh.port, publicHost: config.publicHost, hostKey: hostKey.publicLine };
  const allocate = (holder: string): ReturnType<typeof allocatePort> =>
    allocatePort(table, holder, (port) => canBindPort(config.ports.host, port), systemClock.uptime);
  const desk: GrantDesk = { store, ports: { table, allocate, now: systemClock.uptime }, sessions: registry, turns: createTurns(), post: events.post, clock: systemClock, log };
  const endpoint = config.web ? await startWeb(context, config.web, { desk, doorKey, mostAdded: config.servicesPerMachine, clock: systemClock, endpoint: dialled }) : dialled;
  await startGrantWorker(context, config, { connection: redis.worker, onError: onFault }, desk, endpoint);
  events.post({ type: 'started' });
  const httpPort = await startApi(context, config, () => redis.producer.status, () => ({
    endpoint, grants: store.all().length, ports: table.counts(systemClock.uptime()), strangers: ssh.strangers(), eventsWaiting: events.waiting(),
    sessions: registry.list().map((session) => ({ ...session, services: session.services() })),
  }));
  return { endpoint, httpPort };
}

const CLOSE_MS = 3000;

type Redis = ReturnType<typeof connectRedis>;
type OnFault = (error: Error) => void;

function connectToRedis({ add }: ServiceContext, config: TunnelConfig, onError: OnFault): { producer: Redis; worker: Redis } {
  const producer = connectRedis(config.redis.url, 'producer', onError);
  const worker = connectRedis(config.redis.url, 'worker', onError);
  add({ name: 'redis', stop: () => { producer.disconnect(); worker.disconnect(); } });
  return { producer, worker };
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
): Promise<void> {
  const workers = startJobWorkers({
    ...queue, prefix: config.redis.prefix,
    handlers: {
      'grant-tunnels': (payload) => grantTunnels(desk, endpoint, payload),
      'revoke-tunnels': (payload) => revokeTunnels(desk, payload),
      'replace-tunnels': (payload) => replaceTunnels(desk, payload),
    },
  });
  add({
    name: 'grant worker',
    async stop() {
      const closed = new AbortController();
      // With Redis away BullMQ waits for it even to close.
      await Promise.race([workers.close().finally(() => closed.abort()), systemClock.sleep(CLOSE_MS, closed.signal)]);
    },
  });
  await workers.ready();
}

async function startApi({ log, add }: ServiceContext, config: TunnelConfig, redisState: () => string, status: () => TunnelStatus): Promise<number> {
  const metrics = createMetrics('reverse-tunnel');
  addTunnelMetrics(metrics, status);
  const app = express();
  app.use(healthRouter({ redis: () => (redisState() === 'ready' ? undefined : 'Redis does not answer.') }, metrics), statusRouter(status));
  const server = createHttpServer(app);
  const port = await listen(server, config.http.host, config.http.port);
  server.on('error', (error) => log.warn('the HTTP server has a fault', { error }));
  add({ name: 'http', stop: () => closeServer(server) });
  return port;
}
