import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startRedis } from '@fogbow/embedded-servers';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { GrantsMade, JobQueues, TunnelEvent, TunnelGrant } from '@fogbow/queues';
import { awaitEvent } from '../await-event.js';
import { familyOf, residentKb } from '../processes.js';
import type { Endings } from '../run-story.js';
import { within } from '../within.js';

/** A real tunnel with worker processes over a Redis of its own; the story is its Manager. */
export interface TunnelWorld {
  readonly folder: string;
  readonly sshPort: number;
  readonly queues: JobQueues;
  readonly events: readonly TunnelEvent[];
  /** The control that was started last. */
  control(): ChildProcess;
  start(): Promise<void>;
  /** Until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  grant(what?: Partial<TunnelGrant>): Promise<Granted>;
  ask(grants: readonly TunnelGrant[]): Promise<GrantsMade>;
  revoke(grant: Granted): Promise<void>;
  /** A counter or gauge of the metrics; a label is written as there, `refusals_total{reason="penalty"}`. */
  metric(name: string): Promise<number>;
  status(): Promise<Status>;
  /** Bytes of memory of the control and its workers. */
  memory(): number;
  redisAway(ms: number): Promise<void>;
}

export interface Granted { readonly id: string; readonly secret: string; readonly port: number; readonly ports: readonly number[] }
export interface Status {
  readonly sessionCount: number;
  readonly workers: readonly { readonly pid: number; readonly connections: number }[];
  readonly sessions: readonly { readonly grantId: string; readonly remoteAddress: string; readonly services: readonly { readonly up: boolean }[] }[];
}

export interface TunnelPlace {
  /** Of SSH; behind it that of HTTP, and from the tenth on the public ones. */
  readonly portBase: number;
  /** Number of public ports; default 400. */
  readonly ports?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const MANAGER = 'manager.story';
const CLOSING_MS = 15_000;

export async function createTunnelWorld(folder: string, endings: Endings, { portBase, ports = 400, settings = {} }: TunnelPlace): Promise<TunnelWorld> {
  const redisAt = { directory: join(folder, 'redis'), port: await freePort(), durable: true, logFile: join(folder, 'redis.log'), log: () => undefined, install: true };
  let [redis, isOver] = [startRedis(redisAt), false];
  // Pushed first, and so ended last: queues cannot be closed without it.
  endings.push(async () => { isOver = true; await (await redis).stop(); });
  const { url } = await redis;
  const [sshPort, httpPort, prefix] = [portBase, portBase + 1, `story-${randomUUID()}`];
  const config = {
    'ssh.host': '0.0.0.0', 'ssh.port': sshPort, 'ssh.hostKeyFile': join(folder, 'host-key'), 'ports.host': '127.0.0.1', 'ports.from': portBase + 10, 'ports.to': portBase + 9 + ports, 'ports.rest': '1s',
    publicHost: '127.0.0.1', dialHost: '127.0.0.1', 'redis.url': url, 'redis.prefix': prefix, 'http.port': httpPort, workers: 2, 'audit.file': join(folder, 'audit.jsonl'), ...settings,
  };
  writeFileSync(join(folder, 'tunnel.yaml'), JSON.stringify(config));
  const [producer, worker] = [connectRedis(url, 'producer', () => undefined), connectRedis(url, 'worker', () => undefined)];
  endings.push(() => { for (const connection of [producer, worker]) connection.disconnect(); });
  await awaitEvent('Redis', () => producer.status === 'ready', { everyMs: 10 });
  const queues = createJobQueues({ connection: producer, eventsConnection: worker, prefix, onError: () => undefined });
  // A story may end while its Redis is away.
  endings.push(() => within(CLOSING_MS, 'the queues', queues.close()));
  const events: TunnelEvent[] = [];
  const manager = startJobWorkers({ connection: worker, prefix, onError: () => undefined, handlers: { 'tunnel-event': (event) => Promise.resolve(void events.push(event)) } });
  endings.push(() => within(CLOSING_MS, 'the workers of the queues', manager.close()));
  const http = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${httpPort}${path}`, { signal: AbortSignal.timeout(5000) });
  const children: ChildProcess[] = [];
  const ask = (grants: readonly TunnelGrant[]): Promise<GrantsMade> => queues.request('grant-tunnels', { manager: MANAGER, grants }, 10_000);
  const world: TunnelWorld = {
    folder, sshPort, queues, events, ask,
    control: () => children.at(-1) as ChildProcess,
    async start() {
      const child = spawnTunnel(folder);
      children.push(child);
      endings.push(() => endOf(child, 'SIGKILL'));
      await awaitEvent('the tunnel is ready', async () => (await http('/health/ready')).ok, { everyMs: 20, timeoutMs: 30_000 });
    },
    stop: (signal = 'SIGTERM') => endOf(world.control(), signal),
    async grant(what = {}) {
      const secret = randomUUID();
      const wanted = { id: randomUUID(), secretHash: sha256(secret), owner: 'alice', services: [{ name: 'web' }], ...what };
      const [made] = (await ask([wanted])).grants;
      if (!made || 'refused' in made) throw new Error(`The grant was refused: ${made?.refused}`);
      const given = made.services.map(({ port }) => port);
      return { id: wanted.id, secret, port: given[0] ?? 0, ports: given };
    },
    revoke: ({ id }) => queues.add('revoke-tunnels', { manager: MANAGER, ids: [id] }),
    async metric(name) {
      const [metric, labels = ''] = name.split('{');
      const line = (await (await http('/metrics')).text()).split('\n').find((text) => text.startsWith(`fogbow_tunnel_${metric}{`) && text.includes(labels.replace('}', '')));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    status: async () => await (await http('/v1/status?limit=1000')).json() as Status,
    memory: () => familyOf(world.control().pid ?? 0).reduce((sum, pid) => sum + residentKb(pid) * 1024, 0),
    async redisAway(ms) {
      await (await redis).stop();
      await pause(ms);
      if (isOver) return;
      redis = startRedis(redisAt);
      await redis;
    },
  };
  await world.start();
  return world;
}

function spawnTunnel(folder: string): ChildProcess {
  const bundle = join(process.env['FOGBOW_ROOT'] ?? '.', 'dist', 'apps', 'reverse-tunnel', 'main.js');
  const child = spawn(process.execPath, [bundle, '--config', join(folder, 'tunnel.yaml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => writeFileSync(join(folder, 'tunnel.log'), data, { flag: 'a' }));
  return child;
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
