import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { silentLogger } from '@fogbow/service-runtime';
import { IAMALIVE } from '../messages/iamalive.js';
import { createXmppLink } from './xmpp-link.js';
import type { XmppLinkOptions } from './xmpp-link-options.js';

/* A server that plays by the rules until told otherwise; the real router tests the rest (apps/xmpp-router). */
const HEADER = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='a.test' id='7'>";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(answer: (text: string, socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8').on('error', () => undefined).on('data', (text: string) => answer(text, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => {
    server.close(resolve);
    for (const socket of sockets) socket.destroy();
  }));
  return (server.address() as AddressInfo).port;
}

/** The polite part of the answer: header and handshake. */
function welcome(text: string, socket: Socket): void {
  if (text.includes('<stream:stream')) socket.write(HEADER);
  if (text.includes('<handshake')) socket.write('<handshake/>');
}

function connect(port: number, options: Partial<XmppLinkOptions> = {}) {
  const changes: boolean[] = [];
  const waiting: { wanted: number; resolve: () => void }[] = [];
  const link = createXmppLink({
    jid: 'a.test', host: '127.0.0.1', port, secret: 's', log: silentLogger, reconnect: { baseMs: 5, capMs: 20 }, ...options,
    onStatus: (connected) => { changes.push(connected); for (const { wanted, resolve } of waiting) if (changes.length >= wanted) resolve(); },
  });
  cleanups.push(() => link.stop());
  const seen = (wanted: number): Promise<boolean[]> => new Promise((resolve) => {
    const done = (): void => resolve(changes.slice(0, wanted));
    if (changes.length >= wanted) done();
    else waiting.push({ wanted, resolve: done });
  });
  return { link, seen };
}

it('sends the handshake of XEP-0114', async () => {
  let handshake = '';
  const port = await serve((text, socket) => { handshake ||= /<handshake>(.*)<\/handshake>/.exec(text)?.[1] ?? ''; welcome(text, socket); });
  await connect(port).link.start();
  // SHA-1 of "7s".
  expect(handshake).toBe('e612688270575ccc31fdddd875c83c0245838c6e');
});

it('connects anew when the server falls silent', async () => {
  const port = await serve(welcome);
  const { link, seen } = connect(port, { keepAliveMs: 20 });
  await link.start();
  expect(await seen(3)).toEqual([true, false, true]);
});

it('stays while its pings come home', async () => {
  let pings = 0;
  let enough: () => void;
  const many = new Promise<void>((resolve) => { enough = resolve; });
  const port = await serve((text, socket) => {
    welcome(text, socket);
    if (!text.includes('urn:xmpp:ping')) return;
    socket.write(text);
    if ((pings += 1) === 8) enough();
  });
  const { link } = connect(port, { keepAliveMs: 20 });
  await link.start();
  await many;
  expect(link.connected()).toBe(true);
});

it.each<[string, string]>([
  ['a document type', '<!DOCTYPE x>'],
  ['broken XML', '<a></b>'],
  ['a stream error', "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"],
  ['the end of the stream', '</stream:stream>'],
])('connects anew after %s, and fails what waited', async (_what, poison) => {
  const port = await serve((text, socket) => {
    welcome(text, socket);
    if (text.includes('<iq')) socket.write(poison);
  });
  const { link, seen } = connect(port);
  await link.start();
  await expect(link.request('b.test', IAMALIVE, {}, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'unavailable' });
  expect(await seen(3)).toEqual([true, false, true]);
});

it('survives stanzas that are no messages, and one that is too large', async () => {
  const port = await serve((text, socket) => {
    welcome(text, socket);
    const id = /<iq type="get" id="([^"]+)"/.exec(text)?.[1];
    if (!id) return;
    socket.write(`<iq/><message from='b.test'/><iq type='get' from='b.test' id='x'/><iq type='result' from='evil.test' id='${id}'/><x xmlns='urn:x'/>`
      + `<iq type='result' from='b.test' id='${id}'><big>${'x'.repeat(600 * 1024)}</big></iq><iq type='result' from='B.test/r' id='${id}'/>`);
  });
  const { link } = connect(port);
  await link.start();
  expect(await link.request('b.test', IAMALIVE, {})).toEqual({});
  expect(link.connected()).toBe(true);
});

it('gives up an attempt to which nobody answers, and can be stopped meanwhile', async () => {
  const port = await serve(() => undefined);
  const { link } = connect(port, { connectTimeoutMs: 30 });
  await link.start();
  expect(link.connected()).toBe(false);
  const slow = connect(port, { connectTimeoutMs: 60_000 });
  const started = slow.link.start();
  await slow.link.stop();
  await started;
  expect(slow.link.connected()).toBe(false);
});
