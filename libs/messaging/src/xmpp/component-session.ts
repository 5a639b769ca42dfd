import { EventEmitter } from 'node:events';
import { isIP, Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { component, xml } from '@xmpp/component';
import { childElements } from '../xml/element.js';
import { createStreamParser, STREAM_NAMESPACE } from '../xml/stream-parser.js';
import { CLOSE_GRACE_MS, explainCondition } from './session.js';
import type { Session, SessionListener, SessionOptions } from './session.js';

export interface ComponentSessionOptions extends SessionOptions {
  readonly jid: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Present: by TLS, and whom it trusts in place of the usual ones. */
  readonly tls?: { readonly ca?: string };
}

const STANZAS = ['iq', 'message', 'presence'];
const TCP_KEEP_ALIVE_MS = 30_000;

/**
 * Connects and proves the secret. The library does stream header and handshake; reading is ours, since its own parser knows
 * no limits, accepts document types and breaks characters at the edges of packets. Rejects after connectTimeoutMs.
 */
export async function openComponentSession(options: ComponentSessionOptions, listener: SessionListener): Promise<Session> {
  const service = `xmpp://${options.host}:${options.port}`;
  const entity = component({ service, domain: options.jid, password: options.secret });
  const socket = createSocket(options);
  // The first reason is the cause; what follows are its echoes.
  let reason: string | undefined;
  let heard = 0;
  const cut = (why: string): void => { reason ??= why; socket.destroy(); };
  entity.reconnect.stop();
  entity.timeout = options.connectTimeoutMs;
  entity.Socket = class { constructor() { return socket; } } as unknown as new () => Socket;
  entity.Parser = class extends EventEmitter {
    private readonly stream = createStreamParser(options.limits, {
      opened: (header) => void this.emit('start', xml('stream', { ...header })),
      stanza: (child) => {
        if (STANZAS.includes(child.name)) listener.stanza(child);
        else if (child.namespace === STREAM_NAMESPACE && child.name === 'error') cut(explainCondition(childElements(child)[0]?.name));
        else this.emit('element', xml(child.name));
      },
      closed: () => void socket.end(),
      failed: (condition, why) => cut(`${condition}: ${why}`),
      skipped: (name) => listener.skipped(name),
    });

    write(text: string): void {
      heard += 1;
      this.stream.write(text);
    }
  };
  entity.on('error', (error: NodeJS.ErrnoException) => cut(error.message || (error.code ?? 'unknown error')));
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      const why = reason ?? 'the server closed the connection';
      // Settles the steps that the library still waits for, whose timers would outlive us.
      entity.emit('error', new Error(why));
      resolve(why);
    });
  });
  const online = new Promise<void>((resolve) => { entity.once('online', () => resolve()); });
  const timer = setTimeout(() => cut(`no connection within ${options.connectTimeoutMs} ms`), options.connectTimeoutMs);
  const stopped = (): void => cut('this process stops');
  options.signal.addEventListener('abort', stopped);
  if (options.tls) socket.once('error', (error) => { reason ??= error.message; });
  const proved = options.tls ? new Promise((resolve) => { socket.once('secureConnect', resolve); }) : Promise.resolve();
  proved.then(() => entity.connect(service)).then(() => entity.open({ domain: options.jid })).catch((error: Error) => cut(error.message));
  const failure = await Promise.race([online, ended]);
  clearTimeout(timer);
  options.signal.removeEventListener('abort', stopped);
  if (typeof failure === 'string') throw new Error(failure);
  return { write: (text) => entity.write(text), backlog: () => socket.writableLength, ended, heard: () => heard, cut, close: () => closeSocket(socket) };
}

function createSocket({ host, port, tls }: ComponentSessionOptions): Socket {
  const socket = tls ? createSecureSocket(host, port, tls.ca) : new Socket();
  socket.setEncoding('utf8').setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  // The library takes its listener away at the end; a late error must not end the process.
  socket.on('error', () => undefined);
  return socket;
}

/** It connects when it is made. The library, which would begin as soon as there is a connection, gets it once the server has proved itself. */
function createSecureSocket(host: string, port: number, ca: string | undefined): Socket {
  const socket = connectByTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(ca === undefined ? {} : { ca }) });
  socket.connect = () => { process.nextTick(() => socket.emit('connect')); return socket; };
  return socket;
}

async function closeSocket(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = new Promise((resolve) => { socket.once('close', resolve); });
  const timer = setTimeout(() => socket.destroy(), CLOSE_GRACE_MS);
  socket.end('</stream:stream>');
  await closed;
  clearTimeout(timer);
}
