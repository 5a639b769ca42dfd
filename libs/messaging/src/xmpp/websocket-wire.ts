import { WebSocket } from 'ws';
import type { XmlElement } from '../xml/element.js';
import { childElements, element } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { createFrameReader, FRAMING_NAMESPACE, toClientText } from './frames.js';
import { CLOSE_GRACE_MS, explainCondition } from './session.js';
import type { Session, SessionListener, SessionOptions } from './session.js';

export interface WireOptions extends SessionOptions {
  readonly url: string;
  readonly ca?: string;
}

/** A socket that carries frames; elements that come before `deliverTo` wait for `next`. */
export interface Wire {
  readonly session: Session;
  /** Rejects when there will be no connection, or not one for XMPP. */
  readonly opened: Promise<void>;
  send(item: XmlElement): void;
  /** Rejects at the end of the connection. */
  next(): Promise<XmlElement>;
  deliverTo(listener: SessionListener): void;
}

/** The parser drops stanzas that are a few times too large; what is larger still ends the connection. */
const FRAME_FACTOR = 4;

export function openWire({ url, ca, limits, connectTimeoutMs }: WireOptions): Wire {
  const socket = new WebSocket(url, ['xmpp'], {
    maxPayload: limits.maxStanza * FRAME_FACTOR, perMessageDeflate: false, handshakeTimeout: connectTimeoutMs, followRedirects: false, ...(ca === undefined ? {} : { ca }),
  });
  const state: { reason?: string; heard: number } = { heard: 0 };
  const cut = (why: string): void => { state.reason ??= why; socket.terminate(); };
  const mailbox = createMailbox();
  const reader = createFrameReader(limits, {
    element(item) {
      if (item.name === 'error' && item.namespace.endsWith('/streams')) cut(explainCondition(childElements(item)[0]?.name));
      else if (item.name === 'close' && item.namespace === FRAMING_NAMESPACE) cut('the server closed the connection');
      else mailbox.put(item);
    },
    failed: cut,
    skipped: mailbox.skipped,
  });
  socket.on('error', (error: NodeJS.ErrnoException) => { state.reason ??= error.message || (error.code ?? 'unknown error'); });
  socket.on('ping', () => { state.heard += 1; });
  socket.on('message', (data: Buffer, isBinary) => {
    state.heard += 1;
    if (isBinary) cut('the server sends bytes where text belongs');
    else reader(data);
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      const why = state.reason ?? 'the server closed the connection';
      mailbox.end(why);
      resolve(why);
    });
  });
  const write = (text: string): Promise<void> => new Promise((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));
  return {
    session: { write: (text) => write(toClientText(text)), backlog: () => socket.bufferedAmount, ended, heard: () => state.heard, cut, close: () => closeSocket(socket, ended) },
    opened: new Promise((resolve, reject) => {
      socket.once('open', () => (socket.protocol === 'xmpp' ? resolve() : reject(new Error('the server does not speak XMPP over WebSocket'))));
      void ended.then((why) => reject(new Error(why)));
    }),
    send: (item) => { write(serialise(item)).catch((error: Error) => cut(error.message)); },
    next: mailbox.take,
    deliverTo: mailbox.deliverTo,
  };
}

/** Elements in the order of their coming, for who asks one by one and later for a listener. */
function createMailbox() {
  const waiting: { resolve(item: XmlElement): void; reject(error: Error): void }[] = [];
  const early: XmlElement[] = [];
  let listener: SessionListener | undefined;
  let over: string | undefined;
  return {
    put(item: XmlElement): void {
      const next = waiting.shift();
      if (listener) listener.stanza(item);
      else if (next) next.resolve(item);
      else early.push(item);
    },
    skipped: (name: string): void => listener?.skipped(name),
    take: (): Promise<XmlElement> => new Promise((resolve, reject) => {
      const item = early.shift();
      if (item) resolve(item);
      else if (over !== undefined) reject(new Error(over));
      else waiting.push({ resolve, reject });
    }),
    deliverTo(wanted: SessionListener): void {
      listener = wanted;
      for (const item of early.splice(0)) wanted.stanza(item);
    },
    end(why: string): void {
      over = why;
      for (const { reject } of waiting.splice(0)) reject(new Error(why));
    },
  };
}

async function closeSocket(socket: WebSocket, ended: Promise<string>): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  if (socket.readyState === WebSocket.OPEN) socket.send(serialise(element('close', FRAMING_NAMESPACE)), () => undefined);
  socket.close();
  await ended;
  clearTimeout(timer);
}
