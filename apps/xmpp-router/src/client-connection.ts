import { timingSafeEqual, createHash } from 'node:crypto';
import { addressOf, clientMember, childElement, childText, CLIENT_NAMESPACE, createFrameReader, element, FRAMING_NAMESPACE, renamed, serialise, STANZA_NAMESPACE, STREAM_NAMESPACE, textOf } from '@fogbow/messaging';
import type { XmlElement } from '@fogbow/messaging';
import { newId } from '@fogbow/service-runtime';
import type { WebSocket } from 'ws';
import { MAX_DEPTH, MAX_STANZA, STREAM_ERRORS } from './connection.js';
import type { Connection, ConnectionOptions, StreamErrorCondition } from './connection.js';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const LINGER_MS = 1000;

type Step = 'open' | 'auth' | 'open again' | 'bind' | 'accepted';

/** Serves one client over WebSocket (RFC 7395): log in with PLAIN, take the resource of members, then stanzas. */
export function serveClient(socket: WebSocket, options: ConnectionOptions): void {
  const client = createClient(socket, options);
  const timer = setTimeout(() => client.end('connection-timeout'), options.handshakeTimeoutMs);
  const reader = createFrameReader({ maxStanza: MAX_STANZA, maxDepth: MAX_DEPTH }, {
    element(item) {
      if (client.ended) return;
      const { accepted } = client;
      if (!accepted) {
        client.proceed(item);
        if (client.accepted) clearTimeout(timer);
      } else if (item.name === 'close') client.finish();
      // The server names the sender (RFC 6120 §8.1.2.1).
      else options.stanza(accepted, { ...item, attributes: { from: addressOf(accepted.component), ...item.attributes } });
    },
    failed: (why) => {
      if (client.ended) return;
      options.log.warn('a client sent what is no acceptable stream', { component: client.accepted?.component, reason: why });
      client.end('policy-violation');
    },
    skipped: () => undefined,
  });
  socket.on('message', (data: Buffer, isBinary) => {
    if (client.ended) return;
    if (isBinary) return client.end('not-well-formed');
    try {
      reader(data);
    } catch (error) {
      options.log.error('a stanza could not be handled', { component: client.accepted?.component, error });
      client.end('internal-server-error');
    }
  });
  socket.on('error', (error) => options.log.debug('connection error', { error: error.message }));
  socket.on('close', () => {
    clearTimeout(timer);
    if (client.accepted) options.closed(client.accepted);
  });
}

/** How far a client has come, and the writing half. */
function createClient(socket: WebSocket, options: ConnectionOptions) {
  const state: { step: Step; domain: string; member?: string; accepted?: Connection; ended: boolean } = { step: 'open', domain: '', ended: false };
  const send = (item: XmlElement): void => socket.send(serialise(item), () => undefined);
  const finish = (): void => {
    if (state.ended) return;
    state.ended = true;
    send(element('close', FRAMING_NAMESPACE));
    socket.close();
    const timer = setTimeout(() => socket.terminate(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
  const end = (condition: StreamErrorCondition): void => {
    if (!state.ended) send(element('error', STREAM_NAMESPACE, [element(condition, STREAM_ERRORS)]));
    finish();
  };
  const open = (item: XmlElement, features: XmlElement): void => {
    if (item.name !== 'open' || item.namespace !== FRAMING_NAMESPACE) return end('bad-format');
    state.domain = item.attributes['to'] ?? '';
    send(element('open', FRAMING_NAMESPACE, [], { from: state.domain, id: newId(), version: '1.0' }));
    send(element('features', STREAM_NAMESPACE, [features]));
    state.step = state.step === 'open' ? 'auth' : 'bind';
  };
  const authenticate = (item: XmlElement): void => {
    const member = item.name === 'auth' && item.attributes['mechanism'] === 'PLAIN' ? provenMember(textOf(item), state.domain, options.secretOf) : undefined;
    if (member === undefined) {
      options.log.warn('refused a client: its password is wrong');
      send(element('failure', SASL, [element('not-authorized', SASL)]));
      return finish();
    }
    state.member = member;
    send(element('success', SASL));
    state.step = 'open again';
  };
  const bind = (item: XmlElement): void => {
    const resource = childText(childElement(item, 'bind'), 'resource');
    const address = addressOf(state.member as string);
    if (item.name !== 'iq' || item.attributes['type'] !== 'set' || address !== `${address.split('/')[0]}/${resource}`) return end('not-authorized');
    const jid = element('bind', BIND, [element('jid', BIND, [address])]);
    send(element('iq', CLIENT_NAMESPACE, [jid], { type: 'result', id: item.attributes['id'] ?? '' }));
    state.step = 'accepted';
    const take = (outgoing: XmlElement): boolean => {
      if (state.ended || socket.bufferedAmount > options.maxBacklog) return false;
      send(renamed(outgoing, STANZA_NAMESPACE, CLIENT_NAMESPACE));
      return true;
    };
    state.accepted = { component: state.member as string, end, send: take };
    options.accepted(state.accepted);
  };
  return {
    get accepted() { return state.accepted; },
    get ended() { return state.ended; },
    end, finish,
    proceed(item: XmlElement): void {
      if (state.step === 'open') open(item, element('mechanisms', SASL, [element('mechanism', SASL, ['PLAIN'])]));
      else if (state.step === 'auth') authenticate(item);
      else if (state.step === 'open again') open(item, element('bind', BIND));
      else bind(item);
    },
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The member whose name and password stand in the initial response of PLAIN (RFC 4616); compares in constant time. */
function provenMember(response: string, domain: string, secretOf: (member: string) => string | undefined): string | undefined {
  const [, name = '', password = ''] = Buffer.from(response, 'base64').toString().split('\0');
  const member = clientMember(`${name}@${domain}`);
  const secret = member === undefined ? undefined : secretOf(member);
  return timingSafeEqual(sha256(password), sha256(secret ?? '')) && secret !== undefined ? member : undefined;
}
