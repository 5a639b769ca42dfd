import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createXmppLink, IAMALIVE, ORDER, WHOISALIVE } from '@fogbow/messaging';
import type { FederationLink, OrderRequest } from '@fogbow/messaging';
import { silentLogger } from '@fogbow/service-runtime';
import type { Part } from '@fogbow/service-runtime';
import { compose } from './compose.js';

/* Two members, the Rendezvous and the router as its own process: the whole road of a message. */
const ROOT = join(__dirname, '../../..');
const RENDEZVOUS = 'rendezvous.test';
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
  writeFileSync(config, JSON.stringify({ listen: { port }, components: Object.fromEntries([A, B, RENDEZVOUS].map((jid) => [jid, `of ${jid}`])) }));
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

async function startRendezvous(xmppPort: number): Promise<number> {
  const parts: Part[] = [];
  cleanups.push(async () => { for (const part of parts.reverse()) await part.stop(); });
  return await compose({
    values: {
      'xmpp.jid': RENDEZVOUS, 'xmpp.host': '127.0.0.1', 'xmpp.port': xmppPort, 'xmpp.secret': `of ${RENDEZVOUS}`,
      'http.host': '127.0.0.1', 'http.port': 0, announcePeriod: 30_000, lostAnnouncements: 3, pageMax: 1,
    },
    log: silentLogger, env: {}, signal: new AbortController().signal, add: (part) => void parts.push(part),
  });
}

it('announces members, lists them by message and by HTTP, in pages', async () => {
  const { port } = await startRouter();
  const httpPort = await startRendezvous(port);
  const [a, b] = [member(A, port).link, member(B, port).link];
  await Promise.all([a.start(), b.start()]);
  expect(await a.request(RENDEZVOUS, IAMALIVE, {})).toEqual({ periodMs: 30_000 });
  await b.request(RENDEZVOUS, IAMALIVE, {});
  expect(await a.request(RENDEZVOUS, WHOISALIVE, { max: 100 })).toEqual({ members: [{ id: A }], total: 2 });
  expect(await a.request(RENDEZVOUS, WHOISALIVE, { max: 100, after: A })).toEqual({ members: [{ id: B }], total: 2 });
  const listed = await fetch(`http://127.0.0.1:${httpPort}/members?after=${A}`);
  expect(await listed.json()).toMatchObject({ members: [{ id: B }], total: 2 });
  expect((await fetch(`http://127.0.0.1:${httpPort}/health/ready`)).status).toBe(200);
});

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
