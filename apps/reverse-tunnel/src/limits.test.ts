import net from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, exchange, forwarding, grantPorts, newMachine, serve, serveBanner, ssh, startFixture } from './testing/tunnel-fixture.js';
import type { Listener, SshRun, TunnelFixture } from './testing/tunnel-fixture.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { while (cleanUps.length > 0) await cleanUps.pop()?.(); });

const started = async (overrides: Record<string, unknown>, url = redisUrl): Promise<TunnelFixture> => {
  const fixture = await startFixture(url, overrides);
  cleanUps.push(() => fixture.close());
  return fixture;
};
const running = (run: SshRun): SshRun => {
  cleanUps.push(() => { run.child.kill('SIGKILL'); return run.exit; });
  return run;
};
const local = async (server: Promise<Listener>): Promise<number> => {
  const listener = await server;
  cleanUps.push(() => listener.close());
  return listener.port;
};
const closed = (socket: net.Socket): Promise<unknown> => new Promise((resolve) => { socket.on('error', () => undefined).on('close', resolve).resume(); });

test('strangers are few, and their time is short', async () => {
  const fixture = await started({ 'limits.loginGrace': 300, 'limits.unauthenticatedPerAddress': 2 });
  const { dialPort } = fixture.tunnel.endpoint;
  const silent = [net.connect(dialPort, '127.0.0.1'), net.connect(dialPort, '127.0.0.1')];
  await Promise.all(silent.map((socket) => new Promise((resolve) => { socket.once('connect', resolve); })));
  const third = net.connect(dialPort, '127.0.0.1');
  const began = performance.now();
  await closed(third);
  expect(performance.now() - began).toBeLessThan(250);
  await Promise.all(silent.map(closed));
  const machine = newMachine('web');
  const [port = 0] = await grantPorts(fixture, machine);
  running(ssh(fixture, machine, ...forwarding(port, 9)));
  await fixture.event((event) => event.type === 'service-up');
});

test('noise instead of a handshake does not hurt', async () => {
  const fixture = await started({});
  for (const noise of ['GET / HTTP/1.0\r\n\r\n', 'SSH-2.0-x\r\n\0\0\0\x0c\x0a\xff\xff\xff', 'SSH-1.5-old\r\n']) {
    await exchange(fixture.tunnel.endpoint.dialPort, Buffer.from(noise, 'latin1')).catch(() => undefined);
  }
  expect((await fetch(`http://127.0.0.1:${fixture.tunnel.httpPort}/health/live`)).status).toBe(200);
});

test('a machine has no more users at a time than allowed', async () => {
  const fixture = await started({ 'limits.connectionsPerTunnel': 1 });
  const machine = newMachine('web');
  const [port = 0] = await grantPorts(fixture, machine);
  running(ssh(fixture, machine, ...forwarding(port, await local(serve((socket) => socket.pipe(socket))))));
  await fixture.event((event) => event.type === 'service-up');
  const first = net.connect(port, '127.0.0.1');
  first.write('hello');
  await new Promise((resolve) => { first.once('data', resolve); });
  const second = net.connect(port, '127.0.0.1');
  await closed(second);
  first.end();
  await closed(first);
  expect((await exchange(port, 'again')).toString()).toBe('again');
});

test('a machine that falls silent frees its port', async () => {
  const fixture = await started({ 'ssh.keepalive': 150 });
  const machine = newMachine('web');
  const [port = 0] = await grantPorts(fixture, machine);
  const run = running(ssh(fixture, machine, ...forwarding(port, 9)));
  await fixture.event((event) => event.type === 'service-up');
  run.child.kill('SIGSTOP');
  await fixture.event((event) => event.type === 'service-down');
  expect(await answers(port)).toBe(false);
});

test('when no port is left the refusal says so, and a released port is not given to others at once', async () => {
  const from = 31_000 + (process.pid % 900);
  const fixture = await started({ 'ports.from': from, 'ports.to': from });
  const [machine, next] = [newMachine(), newMachine()];
  await grantPorts(fixture, machine);
  const ask = async (): Promise<unknown> => (await fixture.queues.request('grant-tunnels', { manager: 'manager.a', grants: [next.grant] }, 5000)).grants[0];
  expect(await ask()).toEqual({ id: next.grant.id, refused: expect.stringContaining('of 1, 1 are taken') });
  await fixture.queues.request('revoke-tunnels', { manager: 'manager.a', ids: [machine.grant.id] }, 5000);
  expect(await ask()).toEqual({ id: next.grant.id, refused: expect.stringContaining('1 rest after use') });
});

test('sessions live on while Redis is away, and what happened meanwhile is told afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'away-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const line = await switchableLine(join(folder, 's'), redisUrl);
  cleanUps.push(() => line.cut());
  const fixture = await started({ 'redis.url': `unix://${join(folder, 's')}` });
  const machine = newMachine('ssh');
  const [port = 0] = await grantPorts(fixture, machine);
  const first = running(ssh(fixture, machine, ...forwarding(port, await local(serveBanner()))));
  await fixture.event((event) => event.type === 'service-up');
  await line.cut();
  expect((await exchange(port, '')).toString()).toContain('SSH-2.0');
  first.child.kill();
  await first.exit;
  const second = running(ssh(fixture, machine, ...forwarding(port, await local(serveBanner()))));
  while (!await answers(port)) if (second.child.exitCode !== null) throw new Error((await second.exit).stderr);
  const seen = fixture.events.length;
  await line.mend();
  await fixture.event((event) => event.type === 'service-up', seen);
  expect(await grantPorts(fixture, newMachine())).toHaveLength(1);
});

/** A way to Redis that can be taken away. */
async function switchableLine(path: string, target: string): Promise<{ cut(): Promise<void>; mend(): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const address = target.startsWith('unix://') ? { path: target.slice('unix://'.length) } : { host: new URL(target).hostname, port: Number(new URL(target).port) };
  const keep = (socket: net.Socket): net.Socket => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    return socket;
  };
  let server: net.Server;
  const line = {
    cut: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
    mend: () => new Promise<void>((resolve) => {
      server = net.createServer((socket) => void keep(socket).pipe(keep(net.connect(address))).pipe(socket)).listen(path, resolve);
    }),
  };
  await line.mend();
  return line;
}
