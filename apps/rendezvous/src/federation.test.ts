import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createXmppLink, IAMALIVE, ORDER, SYNCH_WHOISALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { FederationLink, OrderRequest } from '@fogbow/messaging';
import { loadConfig, silentLogger } from '@fogbow/service-runtime';
import type { Part } from '@fogbow/service-runtime';
import { compose } from './compose.js';
import { SETTINGS } from './config.js';

jest.setTimeout(30_000);

/* Two members, the Rendezvous and the router as its own process: the whole road of a message. */
const ROOT = join(__dirname, '../../..');
const RENDEZVOUS = 'rendezvous.test';
const NEIGHBOUR = 'rendezvous.other.test';
const [A, B] = ['a.test', 'b.test'] as const;
const dir = mkdtempSync(join(tmpdir(), 'fogbow-router-'));
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeAll(() => {
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [join(ROOT, 'apps/xmpp-router/src/main.ts'), '--bundle', '--platform=node', '--format=cjs',
    `--tsconfig=${join(ROOT, 'tsconfig.base.json')}`, `--outfile=${join(dir, 'router.js')}`, '--log-level=error']);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function startRouter(port = 0): Promise<{ port: number; kill(): Promise<void> }> {
  const config = join(dir, `router-${cleanups.length}.yaml`);
  writeFileSync(config, JSON.stringify({ listen: { port }, components: Object.fromEntries([A, B, RENDEZVOUS, NEIGHBOUR].map((jid) => [jid, `of ${jid}`])) }));
  const child = spawn(process.execPath, [join(dir, 'router.js'), '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  cleanups.push(kill);
  return { port: await portOf(child), kill };
}

async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const entry = JSON.parse(line) as { message: string; port?: number };
    if (entry.message === 'accepting components') {
      child.stdout?.resume();
      return entry.port as number;
    }
  }
  throw new Error('The router ended.');
}

/** A link, and a promise for each time it is connected anew. */
function member(jid: string, port: number): { link: FederationLink; connectedAgain(): Promise<void> } {
  const waiting: (() => void)[] = [];
  const link = createXmppLink({
    jid, host: '127.0.0.1', port, secret: `of ${jid}`, log: silentLogger, reconnect: { baseMs: 20, capMs: 100 },
    onStatus: (connected) => { if (connected) waiting.splice(0).forEach((resolve) => resolve()); },
  });
  cleanups.push(() => link.stop());
  return { link, connectedAgain: () => new Promise((resolve) => { waiting.push(resolve); }) };
}

interface TestRendezvous {
  readonly http: string;
  stop(): Promise<void>;
}

async function startRendezvous(xmppPort: number, settings: Record<string, unknown> = {}, jid = RENDEZVOUS): Promise<TestRendezvous> {
  const parts: Part[] = [];
  const stop = async (): Promise<void> => { for (const part of parts.splice(0).reverse()) await part.stop(); };
  cleanups.push(stop);
  const file = join(dir, `${randomUUID()}.yaml`);
  writeFileSync(file, JSON.stringify({ 'xmpp.jid': jid, 'xmpp.port': xmppPort, 'xmpp.secret': `of ${jid}`, 'http.port': 0, announcePeriod: '30s', pageMax: 1, ...settings }));
  const { values, faults } = loadConfig(SETTINGS, { file });
  expect(faults).toEqual([]);
  const port = await compose({ values, log: silentLogger, env: {}, signal: new AbortController().signal, add: (part) => void parts.push(part) });
  return { http: `http://127.0.0.1:${port}`, stop };
}

it('announces members, lists them by message and by HTTP, in pages', async () => {
  const { port } = await startRouter();
  const { http } = await startRendezvous(port);
  const [a, b] = [member(A, port).link, member(B, port).link];
  await Promise.all([a.start(), b.start()]);
  expect(await a.request(RENDEZVOUS, IAMALIVE, {})).toEqual({ periodMs: 30_000 });
  await b.request(RENDEZVOUS, IAMALIVE, {});
  expect(await a.request(RENDEZVOUS, WHOISALIVE, { max: 100 })).toEqual({ members: [{ id: A }], total: 2, index: 0 });
  expect(await a.request(RENDEZVOUS, WHOISALIVE, { max: 100, after: A })).toEqual({ members: [{ id: B }], total: 2, index: 1 });
  const listed = await fetch(`${http}/members?after=${A}`);
  expect(await listed.json()).toMatchObject({ members: [{ id: B }], total: 2 });
  expect((await fetch(`${http}/health/ready`)).status).toBe(200);
  const metrics = await (await fetch(`${http}/metrics`)).text();
  expect(metrics).toContain('fogbow_members{service="rendezvous"} 2');
  expect(metrics).toContain('fogbow_rendezvous_announcements_total{outcome="entered",service="rendezvous"} 2');
});

it('tells what it knows to its neighbour, as soon as that is there, and to nobody else', async () => {
  const { port } = await startRouter();
  const gossip = { 'neighbours.period': '20s', 'neighbours.timeout': '1s' };
  const first = await startRendezvous(port, { ...gossip, 'neighbours.list': [NEIGHBOUR] });
  const { link: a } = member(A, port);
  await a.start();
  await a.request(RENDEZVOUS, IAMALIVE, { certificate: 'QQ==' });
  await expect(a.request(RENDEZVOUS, SYNCH_WHOISALIVE, { max: 1 })).rejects.toMatchObject({ code: 'forbidden' });
  await startRendezvous(port, { ...gossip, 'neighbours.list': [RENDEZVOUS] }, NEIGHBOUR);
  const named = async (): Promise<unknown> => (await a.request(NEIGHBOUR, WHOISALIVE, { max: 1 })).members;
  await eventually(named, [{ id: A, certificate: 'QQ==' }]);
  // The question of the newcomer told the first that it may ask in turn.
  await eventually(async () => /syncs_total\{outcome="read"[^}]*\} [1-9]/.test(await (await fetch(`${first.http}/metrics`)).text()), true);
});

it('connects anew when its server falls silent, though it has nothing to say itself', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).on('data', (bytes) => {
      if (bytes.includes('<stream:stream')) socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${RENDEZVOUS}' id='1'>`);
      if (bytes.includes('<handshake')) socket.write('<handshake/>');
    });
  });
  cleanups.push(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await startRendezvous((server.address() as AddressInfo).port, { 'xmpp.keepAlive': '100ms' });
  await eventually(() => Promise.resolve(connections > 1), true);
});

it('keeps the members in Redis for the process that comes next', async () => {
  const { port } = await startRouter();
  const settings = { 'redis.url': process.env['TEST_REDIS_URL'], 'redis.prefix': `test-${randomUUID()}` };
  const first = await startRendezvous(port, settings);
  const { link: a } = member(A, port);
  await a.start();
  await eventually(async () => (await fetch(`${first.http}/health/ready`)).status, 200);
  await a.request(RENDEZVOUS, IAMALIVE, {});
  await first.stop();
  const { http } = await startRendezvous(port, settings);
  await eventually(async () => (await fetch(`${http}/members`)).status, 200);
  expect(await (await fetch(`${http}/members`)).json()).toMatchObject({ members: [{ id: A }], total: 1 });
});

it('says that it is not ready, and that it cannot tell, while Redis is away', async () => {
  const { port } = await startRouter();
  const { http } = await startRendezvous(port, { 'redis.url': 'redis://127.0.0.1:1' });
  const { link: a } = member(A, port);
  await a.start();
  await expect(a.request(RENDEZVOUS, IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
  expect((await fetch(`${http}/members`)).status).toBe(503);
  const ready = await fetch(`${http}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { reasons: { redis: expect.any(String) as string } }]);
});

/** Asks until the answer is this one; the test's own time limit ends it otherwise. */
async function eventually(ask: () => Promise<unknown>, wanted: unknown): Promise<void> {
  for (let answer = await ask(); JSON.stringify(answer) !== JSON.stringify(wanted); answer = await ask()) await new Promise((resolve) => { setImmediate(resolve); });
}

const order: OrderRequest = { id: '11111111-2222-4333-8444-555555555555', attributes: {}, categories: [] };

it('brings an order its outcome though the router and the asker were away in between', async () => {
  const router = await startRouter();
  const [first, provider] = [member(A, router.port), member(B, router.port)];
  const asked = new Promise<void>((resolve) => provider.link.handle(ORDER, async () => { resolve(); return 'later'; }));
  await Promise.all([first.link.start(), provider.link.start()]);
  await first.link.post(B, ORDER, order, { id: order.id });
  await asked;

  const waiting = expect(first.link.request(B, IAMALIVE, {}, { timeoutMs: 60_000 })).rejects.toMatchObject({ code: expect.stringMatching(/unavailable|method-not-allowed/) as string });
  const backAgain = provider.connectedAgain();
  await router.kill();
  await waiting;
  await first.link.stop();
  await startRouter(router.port);
  await backAgain;

  const restarted = member(A, router.port).link;
  const outcome = new Promise((resolve) => restarted.onLateReply(ORDER, (from, id, late) => resolve([from, id, late])));
  await restarted.start();
  await provider.link.answer(A, ORDER, order.id, { instanceId: 'i-1' });
  expect(await outcome).toEqual([B, order.id, { reply: { instanceId: 'i-1' } }]);
});

it('starts without a router and connects when there is one; a wrong secret never does', async () => {
  const { port, kill } = await startRouter();
  await kill();
  const a = member(A, port);
  await a.link.start();
  expect(a.link.connected()).toBe(false);
  const connected = a.connectedAgain();
  await startRouter(port);
  await connected;
  const impostor = createXmppLink({ jid: B, host: '127.0.0.1', port, secret: 'wrong', log: silentLogger });
  cleanups.push(() => impostor.stop());
  await impostor.start();
  expect(impostor.connected()).toBe(false);
});
