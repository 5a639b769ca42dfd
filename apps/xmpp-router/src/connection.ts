import type { Socket } from 'node:net';
import { createStreamParser, domainOf, serialise, STANZA_NAMESPACE, STREAM_NAMESPACE, textOf } from '@fogbow/messaging';
import type { StreamCondition, StreamParser, XmlElement } from '@fogbow/messaging';
import { newId } from '@fogbow/service-runtime';
import type { Logger } from '@fogbow/service-runtime';
import { isHandshakeGood } from './handshake.js';

/** A component that has proved its secret, or a client that has. */
export interface Connection {
  /** Domain of the component, or the client's id as a member. */
  readonly component: string;
  /** False: too much waits for it already, and the stanza was not taken. */
  send(stanza: XmlElement): boolean;
  end(condition: StreamErrorCondition): void;
}

export type StreamErrorCondition = StreamCondition
  | 'conflict' | 'connection-timeout' | 'host-unknown' | 'improper-addressing' | 'internal-server-error' | 'invalid-from' | 'not-authorized' | 'system-shutdown' | 'unsupported-stanza-type';

export interface ConnectionOptions {
  readonly secretOf: (component: string) => string | undefined;
  readonly log: Logger;
  readonly handshakeTimeoutMs: number;
  /** Bytes that may wait for a component that reads too slowly. */
  readonly maxBacklog: number;
  accepted(connection: Connection): void;
  stanza(connection: Connection, stanza: XmlElement): void;
  closed(connection: Connection): void;
}

export const MAX_STANZA = 512 * 1024;
export const MAX_DEPTH = 32;
const LINGER_MS = 1000;
const KEEP_ALIVE_MS = 30_000;
export const STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';

/** Serves one socket: header, handshake, then stanzas, until either side ends the stream. */
export function serveConnection(socket: Socket, options: ConnectionOptions): void {
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  const stream = createStream(socket, options);
  const timer = setTimeout(() => stream.end('connection-timeout'), options.handshakeTimeoutMs);
  const parser: StreamParser = createStreamParser({ maxStanza: MAX_STANZA, maxDepth: MAX_DEPTH }, {
    opened: (header) => stream.open(domainOf(header['to'] ?? '')),
    stanza: (stanza) => {
      // One packet may hold more than what ended the stream.
      if (stream.ended) return;
      if (stream.accepted) return options.stanza(stream.accepted, stanza);
      stream.handshake(stanza);
      if (stream.accepted) clearTimeout(timer);
    },
    closed: () => stream.finish(),
    failed: (condition, reason) => {
      options.log.warn('a component sent what is no acceptable stream', { component: stream.accepted?.component, condition, reason });
      stream.end(condition);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    if (stream.ended) return;
    try {
      parser.write(chunk);
    } catch (error) {
      options.log.error('a stanza could not be handled', { component: stream.accepted?.component, error });
      stream.end('internal-server-error');
    }
  });
  socket.on('error', (error) => options.log.debug('connection error', { error: error.message }));
  socket.on('end', () => stream.finish());
  socket.on('close', () => {
    clearTimeout(timer);
    if (stream.accepted) options.closed(stream.accepted);
  });
}

/** The writing half, and how far the connection has come. */
function createStream(socket: Socket, options: ConnectionOptions) {
  const id = newId();
  const state: { component?: string; accepted?: Connection; ended: boolean } = { ended: false };
  const finish = (last = ''): void => {
    if (state.ended) return;
    state.ended = true;
    socket.end(`${last}</stream:stream>`);
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
  const header = (component: string): string =>
    `<?xml version='1.0'?><stream:stream xmlns="${STANZA_NAMESPACE}" xmlns:stream="${STREAM_NAMESPACE}" from="${component}" id="${id}">`;
  const end = (condition: StreamErrorCondition): void => {
    const opening = state.component === undefined && !state.ended ? header('') : '';
    finish(`${opening}<stream:error><${condition} xmlns="${STREAM_ERRORS}"/></stream:error>`);
  };
  return {
    get accepted() { return state.accepted; },
    get ended() { return state.ended; },
    end,
    finish: () => finish(state.component === undefined ? header('') : ''),
    open(component: string): void {
      const known = options.secretOf(component) !== undefined;
      state.component = component;
      socket.write(header(known ? component : ''));
      if (!known) end('host-unknown');
    },
    handshake(stanza: XmlElement): void {
      const component = state.component as string;
      if (stanza.name !== 'handshake' || !isHandshakeGood(textOf(stanza), id, options.secretOf(component))) {
        options.log.warn('refused a component: its secret is wrong', { component });
        return end('not-authorized');
      }
      const send = (outgoing: XmlElement): boolean => {
        if (state.ended || socket.writableLength > options.maxBacklog) return false;
        socket.write(serialise(outgoing, STANZA_NAMESPACE));
        return true;
      };
      state.accepted = { component, send, end };
      socket.write('<handshake/>');
      options.accepted(state.accepted);
    },
  };
}
