import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { Server } from 'node:http';
import https from 'node:https';
import { BlockList, connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import express from 'express';
import { closeServer, createHttpServer, listen } from './http-server.js';
import type { TrustedProxies } from './trust-proxies.js';

const HAPROXY = '/usr/sbin/haproxy';
const V4 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071070a000005c3501ff6', 'hex');
const CLIENT = { address: '203.0.113.7', port: 50_000 };
let folder: string;
let server: Server | undefined;
const refused: string[] = [];
const heldOpen: { destroy(): unknown }[] = [];
const programs: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-proxies-'));
  spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=api', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key'), '-out', join(folder, 'crt')]);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const one of heldOpen.splice(0)) one.destroy();
  for (const program of programs.splice(0)) if (program.kill('SIGKILL')) await once(program, 'exit');
  if (server) await closeServer(server, 1);
  server = undefined;
  refused.splice(0);
});

/** One that tells each client who it is, and repeats what comes after an upgrade. Whoever it does not trust is everybody but `sender`. */
async function serve({ isTls = false, sender = '127.0.0.1', ...rest }: { isTls?: boolean; sender?: string } & Partial<TrustedProxies> = {}): Promise<number> {
  const senders = new BlockList();
  senders.addAddress(sender);
  const app = express();
  app.get('/', ({ socket }, response) => void response.json({ address: socket.remoteAddress, port: socket.remotePort }));
  app.get('/health', ({ socket }, response) => {
    response.end();
    server?.emit('checked', socket.remoteAddress);
  });
  app.get('/slow', (_request, response) => {
    server?.once('go', () => response.end('slow')).emit('waiting');
  });
  const tls = isTls ? { certificateFile: join(folder, 'crt'), keyFile: join(folder, 'key') } : undefined;
  server = createHttpServer(app, { tls, proxies: { senders, onRefused: (_sender, why) => { refused.push(why); server?.emit('refused'); }, ...rest } });
  server.on('upgrade', (_request, socket) => socket.write(`HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`) && socket.pipe(socket));
  return await listen(server, '127.0.0.1', 0);
}

function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  heldOpen.push(socket);
  return socket.setNoDelay(true);
}

/** A proxy that sends the header with the first bytes of its client, the first `alone` of them one by one. */
async function startProxy(to: number, header: Buffer, alone = 0): Promise<number> {
  const proxy = createServer((client) => {
    heldOpen.push(client);
    const out = dial(to);
    client.once('data', (first: Buffer) => void (async () => {
      const bytes = Buffer.concat([header, first]);
      for (let at = 0; at < alone; at += 1) {
        await new Promise<unknown>((resolve) => { out.write(bytes.subarray(at, at + 1), resolve); });
        await new Promise(setImmediate);
      }
      out.write(bytes.subarray(alone));
      client.pipe(out).pipe(client);
    })());
    client.on('error', () => undefined);
  });
  heldOpen.push({ destroy: () => proxy.close() });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return (proxy.address() as AddressInfo).port;
}

interface Ask { readonly isTls?: boolean; readonly from?: string; readonly agent?: http.Agent; readonly path?: string }

/** The text of the answer; and the port that was asked from. */
async function ask(port: number, { isTls = false, from, agent, path = '/' }: Ask = {}): Promise<{ text: string; own: number | undefined }> {
  const options = { host: 'localhost', family: 4, port, path, agent: agent ?? false, ...(from ? { localAddress: from } : {}) };
  const request = isTls ? https.get({ ...options, ca: readFileSync(join(folder, 'crt')) }) : http.get(options);
  const [response] = await once(request, 'response') as [http.IncomingMessage];
  const own = response.socket.localPort;
  let text = '';
  for await (const part of response) text += String(part);
  return { text, own };
}
const whoAmI = async (port: number, options?: Ask): Promise<unknown> => JSON.parse((await ask(port, options)).text) as unknown;

describe.each([['plain', false], ['TLS', true]])('%s', (_name, isTls) => {
  test.each([0, 1, 11, 12, 16, 27, 28, 29, 40, 80])('the client is who the header says, with %i bytes alone', async (alone) => {
    const port = await startProxy(await serve({ isTls }), V4, alone);
    expect(await whoAmI(port, { isTls })).toEqual(CLIENT);
    expect(refused).toEqual([]);
  });

  test('also in the second request of a connection, and in version 1', async () => {
    const port = await startProxy(await serve({ isTls }), Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::5 50000 8182\r\n'), 3);
    const agent = isTls ? new https.Agent({ keepAlive: true, maxSockets: 1 }) : new http.Agent({ keepAlive: true, maxSockets: 1 });
    heldOpen.push(agent);
    for (const _ of [1, 2]) expect(await whoAmI(port, { isTls, agent })).toEqual({ ...CLIENT, address: '2001:db8::7' });
  });

  test('a proxy that speaks for itself is itself', async () => {
    const port = await startProxy(await serve({ isTls }), Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'));
    expect(await whoAmI(port, { isTls })).toMatchObject({ address: '127.0.0.1' });
  });

  test('who is no proxy needs no header, and its header is not believed', async () => {
    const port = await serve({ isTls, sender: '192.0.2.1' });
    const own = await ask(port, { isTls });
    expect(JSON.parse(own.text)).toEqual({ address: '127.0.0.1', port: own.own });
    const liar = dial(port);
    let heard = '';
    liar.on('data', (bytes) => { heard += bytes.toString('latin1'); }).write('PROXY TCP4 203.0.113.7 10.0.0.5 50000 8182\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(liar, 'close');
    expect(heard).not.toMatch(/203\.0\.113\.7|200 OK/);
    expect(refused).toEqual([]);
  });

  test('a proxy without a header is turned away, with a reason', async () => {
    const port = await serve({ isTls });
    await expect(ask(port, { isTls })).rejects.toThrow(/hang up|reset|disconnected/);
    expect(refused).toEqual(['it begins with no header']);
  });

  test('the server closes while headers are waited for', async () => {
    const port = await serve({ isTls, timeoutMs: 300 });
    const socket = dial(port);
    await once(server as Server, 'connection');
    const closed = closeServer(server as Server, 1);
    await Promise.all([once(socket, 'close'), closed]);
  });
});

test('a header that does not come to its end is waited for so long', async () => {
  const socket = dial(await serve({ timeoutMs: 50 }));
  socket.write('PROXY TCP4 ');
  await once(server as Server, 'refused');
  expect(refused).toEqual(['its header was not there after 50 ms']);
});

test('one that breaks off is told; one that only looks whether somebody listens is not', async () => {
  const port = await serve();
  const seen = once(server as Server, 'connection') as Promise<[Socket]>;
  const looking = dial(port);
  const [gone] = await seen;
  const left = once(gone, 'close');
  looking.end();
  await left;
  expect(refused).toEqual([]);
  dial(port).end('PROXY ');
  await once(server as Server, 'refused');
  expect(refused).toEqual(['it ended in its header']);
});

(existsSync(HAPROXY) ? describe : describe.skip)('behind HAProxy (Debian package haproxy)', () => {
  /** Its port, once its check has found the server well. */
  async function startHaproxy(to: number, words: string): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await once(probe.close(), 'close');
    const file = join(folder, `haproxy-${port}.cfg`);
    writeFileSync(file, ['defaults', ' mode tcp', ' timeout connect 2s', ' timeout check 20s', ' timeout client 20s', ' timeout server 20s', 'listen api', ` bind 127.0.0.1:${port}`,
      ' option httpchk GET /health', ` server one 127.0.0.1:${to} ${words} check check-send-proxy inter 2s fall 1000`, ''].join('\n'));
    const checked = once(server as Server, 'checked');
    const program = spawn(HAPROXY, ['-db', '-f', file], { stdio: 'ignore' });
    program.on('error', () => undefined);
    programs.push(program);
    // It is itself in its checks. (Of which each has as long as `inter` to connect, on a busy machine too.)
    expect(await checked).toEqual(['127.0.0.1']);
    return port;
  }

  test.each([[false, 'send-proxy'], [false, 'send-proxy-v2'], [true, 'send-proxy check-ssl verify none'], [true, 'send-proxy-v2 check-ssl verify none']])('TLS %s, %s: every client is itself', async (isTls, words) => {
    const port = await startHaproxy(await serve({ isTls }), words);
    const answers = await Promise.all(['127.0.0.2', '127.0.0.3', '127.0.0.4'].map(async (from) => ({ from, ...await ask(port, { isTls, from }) })));
    for (const { from, own, text } of answers) expect(JSON.parse(text)).toEqual({ address: from, port: own });
    expect(refused).toEqual([]);
  });

  test.each([[false, 'send-proxy-v2'], [true, 'send-proxy-v2 check-ssl verify none']])('TLS %s: long answers and other protocols pass', async (isTls, words) => {
    const port = await startHaproxy(await serve({ isTls }), words);
    const waiting = once(server as Server, 'waiting');
    const slow = ask(port, { isTls, path: '/slow' });
    await waiting;
    const socket = isTls ? connectTls({ host: 'localhost', port, ca: readFileSync(join(folder, 'crt')) }) : dial(port);
    heldOpen.push(socket.on('error', () => undefined));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await once(server as Server, 'upgrade');
    const sent = 'x'.repeat(200_000);
    let heard = '';
    const echoed = new Promise<void>((resolve) => socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      if (heard.endsWith('end')) resolve();
    }));
    socket.write(`${sent}end`);
    await echoed;
    expect(heard).toMatch(/^HTTP\/1\.1 101[^]*\r\n\r\nx{200000}end$/);
    server?.emit('go');
    expect((await slow).text).toBe('slow');
  });
});
