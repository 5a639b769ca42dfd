import { WebSocket } from 'ws';
import { silentLogger } from '@fogbow/service-runtime';
import { createRouter } from './router-server.js';
import type { Router } from './router-server.js';

let router: Router;
let port: number;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  router = createRouter({ components: { 'c.test': 'gamma' }, clients: { 'm@a.test': 'alpha', 'n@a.test': 'beta' }, log: silentLogger, handshakeTimeoutMs: 2000 });
  port = await router.listenWebSocket('127.0.0.1', 0);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await router.close();
});

const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='a.test' version='1.0'/>";
const auth = (words: string): string => `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(words).toString('base64')}</auth>`;
const bind = (resource: string): string => `<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`;
const LOGIN = [OPEN, auth('\0m\0alpha'), OPEN, bind('fogbow')];

/** Says all at once; `closed` is all that came until the end. */
function say(frames: readonly (string | Buffer)[], at = port) {
  const socket = new WebSocket(`ws://127.0.0.1:${at}/xmpp-websocket`, ['xmpp']);
  sockets.push(socket);
  let received = '';
  const watchers = new Set<() => void>();
  socket.on('error', () => undefined).on('open', () => { for (const frame of frames) socket.send(frame); });
  socket.on('message', (data: Buffer) => { received += data.toString(); for (const watch of watchers) watch(); });
  const closed = new Promise<string>((resolve) => { socket.once('close', () => resolve(received)); });
  const until = (pattern: RegExp): Promise<void> => new Promise((resolve) => {
    const look = (): void => { if (pattern.test(received)) { watchers.delete(look); resolve(); } };
    watchers.add(look);
    look();
  });
  return { socket, closed, until };
}

it('lets a client in and names it as the sender', async () => {
  const [m, n] = [say(LOGIN), say([OPEN, auth('\0n\0beta'), OPEN, bind('fogbow')])];
  await Promise.all([m.until(/<jid>m@a\.test\/fogbow<\/jid>/), n.until(/<jid>/)]);
  m.socket.send("<message xmlns='jabber:client' to='n@a.test/fogbow'><body>hi</body></message>");
  await n.until(/<message xmlns="jabber:client" from="m@a\.test\/fogbow" to="n@a\.test\/fogbow"><body>hi<\/body><\/message>/);
  expect(router.present().sort()).toEqual(['m.at--a.test', 'n.at--a.test']);
});

it.each<[string, (string | Buffer)[], RegExp]>([
  ['a wrong password', [OPEN, auth('\0m\0wrong')], /<failure [^>]*><not-authorized\/><\/failure>/],
  ['the password of another', [OPEN, auth('\0m\0beta')], /<not-authorized/],
  ['an unknown account', [OPEN, auth('\0x\0alpha')], /<not-authorized/],
  ['the name of a component', [OPEN.replace('a.test', 'c.test'), auth('\0\0gamma')], /<not-authorized/],
  ['another mechanism', [OPEN, auth('\0m\0alpha').replace('PLAIN', 'ANONYMOUS')], /<not-authorized/],
  ['stanzas before the login', [OPEN, "<iq xmlns='jabber:client' type='get' id='1' to='n@a.test/fogbow'/>"], /<not-authorized/],
  ['another resource', [OPEN, auth('\0m\0alpha'), OPEN, bind('phone')], /<not-authorized/],
  ['no opening', ['<iq/>'], /<bad-format/],
  ['a forged sender', [...LOGIN, "<iq xmlns='jabber:client' type='get' id='1' from='n@a.test/fogbow' to='n@a.test/fogbow'/>"], /<invalid-from/],
  ['a forged component', [...LOGIN, "<iq xmlns='jabber:client' type='get' id='1' from='a.test' to='n@a.test/fogbow'/>"], /<invalid-from/],
  ['a document type', ['<!DOCTYPE x><open/>'], /<policy-violation/],
  ['deep nesting', ['<a>'.repeat(40)], /<policy-violation/],
  ['two elements in a frame', [...LOGIN, "<message to='x'/>".repeat(2)], /<policy-violation/],
  ['bytes', [Buffer.from(OPEN)], /<not-well-formed/],
])('ends the connection over %s', async (_what, frames, answer) => {
  expect(await say(frames).closed).toMatch(answer);
});

it('ends the connection over a frame that is too large', async () => {
  const client = say([...LOGIN, `<iq xmlns='jabber:client' type='get' id='1' to='n@a.test/fogbow'>${'x'.repeat(600 * 1024)}</iq>`]);
  expect(await client.closed).toContain('<jid>m@a.test/fogbow</jid>');
});

it('ends the connection of who does not log in', async () => {
  const strict = createRouter({ components: {}, clients: { 'm@a.test': 'alpha' }, log: silentLogger, handshakeTimeoutMs: 20 });
  const idle = say([OPEN], await strict.listenWebSocket('127.0.0.1', 0));
  expect(await idle.closed).toContain('<connection-timeout');
  await strict.close();
});

it('knows one path and one protocol', async () => {
  for (const [path, protocols] of [['/other', ['xmpp']], ['/xmpp-websocket', ['chat']]] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols]);
    sockets.push(socket);
    await new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
  }
  expect(router.present()).toEqual([]);
});
