import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { GrantsMade, JobQueues, TunnelEvent, TunnelGrant } from '@fogbow/queues';
import { newId, newSecret, silentLogger } from '@fogbow/service-runtime';
import type { Part } from '@fogbow/service-runtime';
import { startTunnel } from '../compose.js';
import type { RunningTunnel } from '../compose.js';
import { TUNNEL_SETTINGS } from '../settings.js';

/** What the tests of this app share: a tunnel in this process, the Manager's end of its queues, and real ssh clients. */
export interface TunnelFixture {
  readonly tunnel: RunningTunnel;
  readonly folder: string;
  readonly prefix: string;
  readonly redis: ReturnType<typeof connectRedis>;
  readonly queues: JobQueues;
  readonly events: readonly TunnelEvent[];
  /** Resolves with the first event from index `from` on that fits. */
  event(fits: (event: TunnelEvent) => boolean, from?: number): Promise<TunnelEvent>;
  stopTunnel(): Promise<void>;
  startTunnel(): Promise<void>;
  /** A second host of the same tunnel, on another address of this host; ended by close(). */
  startHost(address: string): Promise<{ readonly tunnel: RunningTunnel; stop(): Promise<void> }>;
  close(): Promise<void>;
}

export const MANAGER = 'manager.a';
const WAIT_MS = 8000;
const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });

export async function startFixture(redisUrl: string, overrides: Record<string, unknown> = {}): Promise<TunnelFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'tunnel-'));
  const prefix = `test-${newId()}`;
  const from = portBlock();
  const defaults = Object.entries(TUNNEL_SETTINGS).map(([name, row]) => [name, 'default' in row ? asGiven(name, row.default) : undefined]);
  // A small one, made at once: nobody asks for it but clients that know no other.
  writeFileSync(join(folder, 'host-key.rsa'), RSA_KEY, { mode: 0o600 });
  const values = {
    ...Object.fromEntries(defaults) as Record<string, unknown>,
    'ssh.host': '127.0.0.1', 'ssh.port': 0, 'ssh.hostKeyFile': join(folder, 'host-key'), 'ports.host': '127.0.0.1', 'ports.from': from, 'ports.to': from + 19,
    publicHost: 'localhost', dialHost: '127.0.0.1', 'redis.url': redisUrl, 'redis.prefix': prefix, 'http.port': 0, workers: 0, 'limits.penalties': false, ...overrides,
  };
  const producer = connectRedis(redisUrl, 'producer', () => undefined);
  const worker = connectRedis(redisUrl, 'worker', () => undefined);
  await new Promise((resolve) => { producer.once('ready', resolve); });
  const queues = createJobQueues({ connection: producer, eventsConnection: worker, prefix, onError: () => undefined });
  const events: TunnelEvent[] = [];
  const listeners = new Set<() => void>();
  const manager = startJobWorkers({
    connection: worker, prefix, onError: () => undefined,
    handlers: { 'tunnel-event': async (event) => { events.push(event); for (const listener of listeners) listener(); } },
  });
  await manager.ready();
  const others: { stop(): Promise<void> }[] = [];
  let running: { tunnel: RunningTunnel; stop: () => Promise<void> };
  const start = async (): Promise<void> => { running = await startOne(values); values['ssh.port'] = running.tunnel.endpoint.dialPort; };
  await start();
  return {
    get tunnel() { return running.tunnel; },
    folder, prefix, redis: producer, queues, events,
    event: (fits, first = 0) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => { listeners.delete(look); reject(new Error(`No such event among ${JSON.stringify(events)}`)); }, WAIT_MS);
      timer.unref();
      const look = (): void => {
        const found = events.slice(first).find(fits);
        if (!found) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
    }),
    stopTunnel: () => running.stop(),
    startTunnel: start,
    async startHost(address) {
      const host = await startOne({ ...values, 'ssh.host': address, 'ssh.port': 0, dialHost: address, publicHost: address, 'ports.host': address, 'ssh.hostKeyFile': join(folder, `host-key-${address}`) });
      others.push(host);
      return host;
    },
    async close() {
      for (const host of others) await host.stop();
      await running.stop();
      await manager.close();
      await queues.close();
      const keys = await producer.keys(`${prefix}:*`);
      if (keys.length > 0) await producer.del(...keys);
      producer.disconnect();
      worker.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startOne(values: Record<string, unknown>): Promise<{ tunnel: RunningTunnel; stop: () => Promise<void> }> {
  const parts: Part[] = [];
  const stopping = new AbortController();
  const tunnel = await startTunnel({ values, log: silentLogger, env: {}, signal: stopping.signal, add: (part) => void parts.push(part) });
  return {
    tunnel,
    async stop() {
      stopping.abort();
      while (parts.length > 0) await parts.pop()?.stop();
    },
  };
}

const MILLISECONDS: Record<string, number> = {
  'ssh.keepalive': 15_000, 'ports.rest': 30_000, 'limits.loginGrace': 10_000, 'limits.idleTime': 0, 'drain.deadline': 3_600_000, 'web.reload': 10_000, 'limits.webHeader': 10_000, 'limits.webIdle': 600_000,
};
const asGiven = (name: string, value: unknown): unknown => MILLISECONDS[name] ?? value;

/** Twenty ports, most likely of this test alone; outside the range from which the system takes ports for connections. */
const portBlock = (): number => 20_000 + 20 * (randomBytes(2).readUInt16BE() % 500);

export interface Machine { readonly grant: TunnelGrant; readonly secret: string }

export function newMachine(...services: string[]): Machine {
  const secret = newSecret();
  return { secret, grant: { id: newId(), secretHash: sha256(secret), owner: 'alice', services: (services.length > 0 ? services : ['ssh']).map((name) => ({ name })) } };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Asks for grants and returns their ports, in the order of machines and services. */
export async function grantPorts(fixture: TunnelFixture, ...machines: Machine[]): Promise<number[]> {
  const answer: GrantsMade = await fixture.queues.request('grant-tunnels', { manager: MANAGER, grants: machines.map(({ grant }) => grant) }, WAIT_MS);
  return answer.grants.flatMap((grant) => ('refused' in grant ? [] : grant.services.map((service) => service.port)));
}

export interface SshRun {
  readonly child: ChildProcess;
  /** Exit code and everything on stderr. */
  readonly exit: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** The OpenSSH client with a machine's secret; `args` stand behind the host, where it takes options and a command. */
export function ssh(fixture: Pick<TunnelFixture, 'folder' | 'tunnel'>, { grant, secret }: { readonly grant: { readonly id: string }; readonly secret: string }, ...args: string[]): SshRun {
  const place = mkdtempSync(join(fixture.folder, 'ssh-'));
  writeFileSync(join(place, 'secret'), secret);
  writeFileSync(join(place, 'askpass'), `#!/bin/sh\ncat '${place}/secret'\n`);
  chmodSync(join(place, 'askpass'), 0o700);
  const { dialHost, dialPort, hostKey } = fixture.tunnel.endpoint;
  writeFileSync(join(place, 'known'), `[${dialHost}]:${dialPort} ${hostKey}\n`);
  const options = ['BatchMode=no', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${place}/known`, 'PreferredAuthentications=password',
    'NumberOfPasswordPrompts=1', 'ExitOnForwardFailure=yes', 'ConnectTimeout=5'];
  const child = spawn('ssh', ['-F', '/dev/null', '-T', '-p', String(dialPort), '-l', grant.id, ...options.flatMap((option) => ['-o', option]), dialHost, ...args], {
    env: { PATH: '/usr/bin:/bin', DISPLAY: 'none', SSH_ASKPASS: join(place, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => { stderr += data.toString(); });
  return { child, exit: new Promise((resolve) => { child.once('close', (code) => resolve({ code, stderr })); }) };
}

export const forwarding = (port: number, localPort: number): string[] => ['-N', '-R', `0.0.0.0:${port}:127.0.0.1:${localPort}`];

export interface Listener { readonly port: number; close(): void }

/** A server of the machine on a free port. */
export async function serve(onConnection: (socket: net.Socket) => void): Promise<Listener> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}

/** A machine's SSH server as far as the probe looks: it says its version. */
export const serveBanner = (): Promise<Listener> => serve((socket) => { socket.write('SSH-2.0-test\r\n'); socket.resume(); socket.on('end', () => socket.end()); });

/** Sends, ends its side, and reads until the other side ends. */
export function exchange(port: number, send: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(send));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

/** True when something listens there. */
export function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host, () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}
