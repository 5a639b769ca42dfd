import type { MemberId } from '@fogbow/request-model';
import { newId } from '@fogbow/service-runtime';
import { WebSocket } from 'ws';
import { addressOf } from '../link/address.js';
import type { XmlElement } from '../xml/element.js';
import { childElement, childElements, childText, element, textOf } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { createFrameReader, CLIENT_NAMESPACE, FRAMING_NAMESPACE, toClientText } from './frames.js';
import { chooseMechanism } from './sasl.js';
import { CLOSE_GRACE_MS, explainCondition } from './session.js';
import type { Session, SessionListener, SessionOptions } from './session.js';

export interface ClientSessionOptions extends SessionOptions {
  readonly jid: MemberId;
  /** wss://… or, on the same machine, ws://…. */
  readonly url: string;
  readonly secret: string;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const STANZAS = ['iq', 'message', 'presence'];
/** The parser drops stanzas that are a few times too large; what is larger still ends the connection. */
const FRAME_FACTOR = 4;

/** Connects as a client over WebSocket (RFC 7395), logs in, and takes the resource that all members know. Rejects after connectTimeoutMs. */
export async function openClientSession(options: ClientSessionOptions, listener: SessionListener): Promise<Session> {
  const wire = openWire(options);
  const stopped = (): void => wire.cut('this process stops');
  const timer = setTimeout(() => wire.cut(`no connection within ${options.connectTimeoutMs} ms`), options.connectTimeoutMs);
  options.signal.addEventListener('abort', stopped);
  try {
    if (options.signal.aborted) stopped();
    await wire.opened;
    await logIn(wire, options);
    await takeResource(wire, options.jid);
  } catch (error) {
    wire.cut((error as Error).message);
    throw new Error(await wire.ended);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stopped);
  }
  wire.deliverTo((item) => {
    if (STANZAS.includes(item.name)) listener.stanza(item);
  }, listener.skipped);
  return wire.session;
}

type Wire = ReturnType<typeof openWire>;

/** The socket with its frames; until deliverTo each element waits for `next`. */
function openWire({ url, ca, limits, connectTimeoutMs }: ClientSessionOptions) {
  const socket = new WebSocket(url, ['xmpp'], {
    maxPayload: limits.maxStanza * FRAME_FACTOR, perMessageDeflate: false, handshakeTimeout: connectTimeoutMs, followRedirects: false, ...(ca === undefined ? {} : { ca }),
  });
  let reason: string | undefined;
  let heard = 0;
  const cut = (why: string): void => { reason ??= why; socket.terminate(); };
  const waiting: { resolve(item: XmlElement): void; reject(error: Error): void }[] = [];
  const early: XmlElement[] = [];
  let deliver: { stanza(item: XmlElement): void; skipped(name: string): void } | undefined;
  const reader = createFrameReader(limits, {
    element(item) {
      if (item.name === 'error' && item.namespace.endsWith('/streams')) return cut(explainCondition(childElements(item)[0]?.name));
      if (item.name === 'close' && item.namespace === FRAMING_NAMESPACE) return cut('the server closed the connection');
      if (deliver) return deliver.stanza(item);
      const next = waiting.shift();
      if (next) next.resolve(item);
      else early.push(item);
    },
    failed: (why) => cut(why),
    skipped: (name) => deliver?.skipped(name),
  });
  socket.on('error', (error: NodeJS.ErrnoException) => { reason ??= error.message || (error.code ?? 'unknown error'); });
  socket.on('ping', () => { heard += 1; });
  socket.on('message', (data: Buffer, isBinary) => {
    heard += 1;
    if (isBinary) cut('the server sends bytes where text belongs');
    else reader(data);
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      const why = reason ?? 'the server closed the connection';
      for (const { reject } of waiting.splice(0)) reject(new Error(why));
      resolve(why);
    });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => (socket.protocol === 'xmpp' ? resolve() : reject(new Error('the server does not speak XMPP over WebSocket'))));
    void ended.then((why) => reject(new Error(why)));
  });
  const write = (text: string): Promise<void> => new Promise((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));
  const close = async (): Promise<void> => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    if (socket.readyState === WebSocket.OPEN) socket.send(serialise(element('close', FRAMING_NAMESPACE)), () => undefined);
    socket.close();
    await ended;
    clearTimeout(timer);
  };
  const session: Session = { write: (text) => write(toClientText(text)), backlog: () => socket.bufferedAmount, ended, heard: () => heard, cut, close };
  return {
    session, opened, ended, cut,
    send: (item: XmlElement): void => { write(serialise(item)).catch((error: Error) => cut(error.message)); },
    next: (): Promise<XmlElement> => {
      const item = early.shift();
      if (item) return Promise.resolve(item);
      if (socket.readyState !== WebSocket.OPEN) return ended.then((why) => Promise.reject(new Error(why)));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    deliverTo(stanza: (item: XmlElement) => void, skipped: (name: string) => void): void {
      deliver = { stanza, skipped };
      for (const item of early.splice(0)) stanza(item);
    },
  };
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
