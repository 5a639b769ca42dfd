import type { MemberId } from '@fogbow/request-model';
import { newId } from '@fogbow/service-runtime';
import { addressOf } from '../link/address.js';
import type { XmlElement } from '../xml/element.js';
import { childElement, childElements, childText, element, textOf } from '../xml/element.js';
import { CLIENT_NAMESPACE, FRAMING_NAMESPACE } from './frames.js';
import { chooseMechanism } from './sasl.js';
import { explainCondition } from './session.js';
import type { Session, SessionListener } from './session.js';
import { openWire } from './websocket-wire.js';
import type { Wire, WireOptions } from './websocket-wire.js';

export interface ClientSessionOptions extends WireOptions {
  readonly jid: MemberId;
  readonly secret: string;
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const STANZAS = ['iq', 'message', 'presence'];

/** Connects as a client over WebSocket (RFC 7395), logs in, and takes the resource that all members know. Rejects after connectTimeoutMs. */
export async function openClientSession(options: ClientSessionOptions, listener: SessionListener): Promise<Session> {
  const wire = openWire(options);
  const stopped = (): void => wire.session.cut('this process stops');
  const timer = setTimeout(() => wire.session.cut(`no connection within ${options.connectTimeoutMs} ms`), options.connectTimeoutMs);
  options.signal.addEventListener('abort', stopped);
  try {
    if (options.signal.aborted) stopped();
    await wire.opened;
    await logIn(wire, options);
    await takeResource(wire, options.jid);
  } catch (error) {
    wire.session.cut((error as Error).message);
    throw new Error(await wire.session.ended);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stopped);
  }
  wire.deliverTo({ ...listener, stanza: (item) => { if (STANZAS.includes(item.name)) listener.stanza(item); } });
  return wire.session;
}

/** `<open/>` there and back, and what the server offers. */
async function openStream(wire: Wire, jid: MemberId): Promise<XmlElement> {
  wire.send(element('open', FRAMING_NAMESPACE, [], { to: domainPart(jid), version: '1.0' }));
  const opened = await wire.next();
  if (opened.name !== 'open') throw new Error('the server does not open a stream');
  return await wire.next();
}

async function logIn(wire: Wire, { jid, url, secret }: ClientSessionOptions): Promise<void> {
  const features = await openStream(wire, jid);
  const mechanisms = childElements(childElement(features, 'mechanisms')).map(textOf);
  const { protocol, hostname } = new URL(url);
  const allowPlain = protocol === 'wss:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  const exchange = chooseMechanism(mechanisms, { username: nodePart(jid), password: secret }, { nonce: newId(), allowPlain });
  wire.send(element('auth', SASL, [toBase64(exchange.first)], { mechanism: exchange.mechanism }));
  for (;;) {
    const item = await wire.next();
    if (item.name === 'success') return exchange.finish(fromBase64(textOf(item)));
    if (item.name !== 'challenge') throw new Error(explainCondition(childElements(item)[0]?.name));
    wire.send(element('response', SASL, [toBase64(await exchange.answer(fromBase64(textOf(item))))]));
  }
}

async function takeResource(wire: Wire, jid: MemberId): Promise<void> {
  await openStream(wire, jid);
  const wanted = addressOf(jid);
  const bind = element('bind', BIND, [element('resource', BIND, [wanted.slice(wanted.indexOf('/') + 1)])]);
  wire.send(element('iq', CLIENT_NAMESPACE, [bind], { type: 'set', id: newId() }));
  const answer = await wire.next();
  const given = childText(childElement(answer, 'bind'), 'jid');
  if (answer.attributes['type'] !== 'result' || given !== wanted) throw new Error(`the server does not give us the address ${wanted}${given ? `, but ${given}` : ''}`);
}

const nodePart = (jid: MemberId): string => addressOf(jid).split('@')[0] as string;
const domainPart = (jid: MemberId): string => addressOf(jid).split(/[@/]/)[1] as string;
const toBase64 = (text: string): string => Buffer.from(text).toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString();
