import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { silentLogger } from '@fogbow/service-runtime';
import { expectedHandshake } from './handshake.js';
import { createRouter } from './router-server.js';
import type { Router } from './router-server.js';

const SECRETS = { 'a.test': 'alpha', 'b.test': 'beta', 'slow.test': 'sigma' };
const header = (to: string): string => `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${to}'>`;

let router: Router;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  router = createRouter({ components: SECRETS, log: silentLogger, maxBacklog: 64 * 1024 });
  port = await router.listen('127.0.0.1', 0);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await router.close();
});

/** A peer that speaks in raw text; `until` waits for what it is sent. */
function open(to = port) {
  const socket = connect(to, '127.0.0.1').setEncoding('utf8').on('error', () => undefined);
  sockets.push(socket);
  let received = '';
  socket.on('data', (text: string) => { received += text; });
  const closed = new Promise<string>((resolve) => { socket.once('close', () => resolve(received)); });
  const until = (pattern: RegExp): Promise<string> => new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(received);
      if (!match) return;
      socket.off('data', look);
      received = received.slice(match.index + match[0].length);
      resolve(match[1] ?? match[0]);
    };
    socket.on('data', look);
    void closed.then(() => reject(new Error(`closed before ${String(pattern)}: ${received}`)));
    look();
  });
  return { write: (text: string) => socket.write(text), until, closed, socket };
}

async function component(jid: keyof typeof SECRETS) {
  const peer = open();
  peer.write(header(jid));
  const id = await peer.until(/<stream:stream[^>]* id="([^"]+)">/);
  peer.write(`<handshake>${expectedHandshake(id, SECRETS[jid])}</handshake>`);
  await peer.until(/<handshake\/>/);
  return peer;
}

it('computes the handshake of XEP-0114', () => {
  expect(expectedHandshake('3BF96D32', 'test')).toBe('aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e');
});

it('routes stanzas by the domain of their target, untouched', async () => {
  const [a, b] = [await component('a.test'), await component('b.test')];
  a.write('<iq type="set" id="1" from="a.test" to="x@B.test/r"><query xmlns="urn:q"><v k="&lt;1&gt;">ä&amp;😀</v></query></iq>');
  expect(await b.until(/<iq.*<\/iq>/)).toBe('<iq type="set" id="1" from="a.test" to="x@B.test/r"><query xmlns="urn:q"><v k="&lt;1&gt;">ä&amp;😀</v></query></iq>');
  b.write('<iq type="result" id="1" from="b.test/r" to="a.test"/>');
  await a.until(/<iq type="result" id="1" from="b.test\/r" to="a.test"\/>/);
  expect(router.present().sort()).toEqual(['a.test', 'b.test']);
});

it('answers requests to unknown targets, and nothing else', async () => {
  const a = await component('a.test');
  for (const type of ['result', 'error']) a.write(`<iq type="${type}" id="no" from="a.test" to="nobody.test"/>`);
  a.write('<presence from="a.test" to="nobody.test"/><iq type="get" id="yes" from="a.test" to="nobody.test"><query xmlns="urn:q"/></iq>');
  const answer = await a.until(/<iq.*<\/iq>/);
  expect(answer).toMatch(/^<iq type="error" id="yes" from="nobody.test" to="a.test"><query xmlns="urn:q"\/><error type="cancel"><remote-server-not-found /);
  expect(answer).toContain('<code xmlns="http://fogbowcloud.org/errors">unavailable</code>');
});

const START = header('a.test');
it.each<[string, string, string]>([
  ['a wrong secret', `${START}<handshake>${'0'.repeat(40)}</handshake>`, 'not-authorized'],
  ['a handshake that is none', `${START}<handshake>x</handshake>`, 'not-authorized'],
  ['stanzas before the handshake', `${START}<iq type="get" id="1" from="a.test" to="b.test"/>`, 'not-authorized'],
  ['an unknown component', header('c.test'), 'host-unknown'],
  ['a component that many objects have', header('constructor'), 'host-unknown'],
  ['no component', "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", 'host-unknown'],
  ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]>', 'restricted-xml'],
  ['a comment', `${START}<!-- x -->`, 'restricted-xml'],
  ['deep nesting', `${START}${'<a>'.repeat(40)}`, 'policy-violation'],
  ['a huge stanza', `${START}<handshake>${'0'.repeat(600 * 1024)}`, 'policy-violation'],
  ['another protocol', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
])('ends the stream over %s', async (_what, input, condition) => {
  const peer = open();
  peer.write(input);
  expect(await peer.closed).toMatch(new RegExp(`<stream:stream .*<stream:error><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>$`));
  expect(router.present()).toEqual([]);
});

it('ends the stream of who does not prove itself in time', async () => {
  const strict = createRouter({ components: SECRETS, log: silentLogger, handshakeTimeoutMs: 20 });
  const peer = open(await strict.listen('127.0.0.1', 0));
  expect(await peer.closed).toContain('<connection-timeout ');
  await strict.close();
});

it.each<[string, string, string]>([
  ['a forged sender', '<iq type="get" id="1" from="b.test" to="b.test"/>', 'invalid-from'],
  ['no sender', '<iq type="get" id="1" to="b.test"/>', 'improper-addressing'],
  ['no target', '<iq type="get" id="1" from="a.test"/>', 'improper-addressing'],
  ['an unknown stanza', '<what from="a.test" to="b.test"/>', 'unsupported-stanza-type'],
  ['a foreign namespace', '<iq xmlns="jabber:client" type="get" id="1" from="a.test" to="b.test"/>', 'invalid-namespace'],
])('ends the stream of a component over %s, and drops what follows in the packet', async (_what, stanza, condition) => {
  const [a, b] = [await component('a.test'), await component('b.test')];
  a.write(`${stanza}<message id="after" from="a.test" to="b.test"/>`);
  expect(await a.closed).toContain(`<${condition} `);
  const again = await component('a.test');
  again.write('<message id="first" from="a.test" to="b.test"/>');
  expect(await b.until(/<message[^>]*>/)).toContain('id="first"');
});

it('lets a second connection of a component replace the first', async () => {
  const first = await component('a.test');
  const second = await component('a.test');
  const b = await component('b.test');
  expect(await first.closed).toContain('<conflict ');
  b.write('<message from="b.test" to="a.test"/>');
  await second.until(/<message/);
  expect(router.present().sort()).toEqual(['a.test', 'b.test']);
});

it('answers the end of a stream with its own', async () => {
  const a = await component('a.test');
  a.write('</stream:stream>');
  expect(await a.closed).toMatch(/<\/stream:stream>$/);
});

it('forgets a component whose socket broke, and closes with one connected', async () => {
  const [a, b] = [await component('a.test'), await component('b.test')];
  a.socket.resetAndDestroy();
  b.write('<iq type="get" id="1" from="b.test" to="b.test"/>');
  await b.until(/<iq/);
  await router.close();
  expect(await b.closed).toContain('<system-shutdown ');
});

it('bounces what a component that does not read is sent', async () => {
  const [a, slow] = [await component('a.test'), await component('slow.test')];
  slow.socket.pause();
  const big = `<iq type="set" id="big" from="a.test" to="slow.test"><query xmlns="urn:q">${'x'.repeat(500 * 1024)}</query></iq>`;
  const refused = a.until(/<iq type="error" id="big".*<code[^>]*>too-many-requests</);
  for (let sent = 0; sent < 40; sent += 1) a.write(big);
  await refused;
});

it('says in a sentence that a port is taken', async () => {
  const second = createRouter({ components: SECRETS, log: silentLogger });
  await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('in use') as string });
});
