import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { newId } from './random.js';
import { keepFresh, readTlsFiles } from './tls-files.js';
import type { TlsFiles } from './tls-files.js';
import { trustProxies } from './trust-proxies.js';
import type { TrustedProxies } from './trust-proxies.js';

/** A client that neither sends nor takes a byte for so long while it is answered is cut. Longer than any answer is held back on purpose. */
const SILENCE_MS = 120_000;

/** A client that has not agreed on TLS within so long is cut. Node's own measure is two minutes. */
const HANDSHAKE_MS = 10_000;

/** Node keeps the answer that a connection is at in this property, and tells it nowhere else. */
type Answering = Socket & { readonly _httpMessage?: http.ServerResponse | null };

/** Every open connection of a server, those included that a WebSocket has taken over and Node has forgotten. */
const connections = new WeakMap<http.Server, Set<Socket>>();

/** With TLS the bare connections below: a server counts one as soon as it is accepted, but tells it as secure only when the handshake is over. */
const bare = new WeakMap<http.Server, Set<Socket>>();

/** What is below of HTTP. */
export interface HttpServerOptions {
  /** With it the server speaks HTTPS alone, and takes renewed files up by itself. */
  readonly tls?: TlsFiles | undefined;
  readonly proxies?: TrustedProxies | undefined;
}

/**
 * An HTTP server for an Express application. Express sets the prototype of every request and response, which
 * de-optimises them; here they are born with it (expressjs/express#5998). Mount Routers, not sub-applications.
 */
export function createHttpServer(app: Express, { tls, proxies }: HttpServerOptions = {}): http.Server {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  const born = <T extends object>(parent: new (...args: never[]) => T, prototype: object): typeof parent => {
    function Born(this: T, ...args: unknown[]): void {
      (parent as unknown as (...a: unknown[]) => void).apply(this, args);
    }
    Born.prototype = prototype;
    return Born as unknown as typeof parent;
  };
  const options = {
    IncomingMessage: born(http.IncomingMessage, (app as unknown as { request: object }).request),
    ServerResponse: born(http.ServerResponse, (app as unknown as { response: object }).response),
    maxHeaderSize: 64 * 1024,
  } as unknown as http.ServerOptions;
  const server = tls ? createSecureServer(options, app, tls) : http.createServer(options, app);
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  server.requestTimeout = 70_000;
  server.timeout = SILENCE_MS;
  server.on('clientError', refuseUnread);
  if (proxies) trustProxies(server, proxies);
  connections.set(server, collect(server, tls ? 'secureConnection' : 'connection'));
  if (tls) bare.set(server, collect(server, 'connection'));
  return server;
}

function collect(server: http.Server, event: string): Set<Socket> {
  const open = new Set<Socket>();
  server.on(event, (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** The same to whoever uses it: what differs is below of HTTP. */
function createSecureServer(options: http.ServerOptions, app: Express, tls: TlsFiles): http.Server {
  const server = https.createServer({ ...options, ...readTlsFiles(tls), minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS }, app);
  const stop = keepFresh(tls, (context) => server.setSecureContext({ ...context, minVersion: 'TLSv1.2' }));
  server.once('close', stop);
  return server as unknown as http.Server;
}

const UNREAD: Readonly<Record<string, string>> = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout', HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large' };

/** No application sees a request that cannot be read, but its answer has an id too. */
function refuseUnread(error: NodeJS.ErrnoException, duplex: Duplex): void {
  const socket = duplex as Answering;
  if (!socket.writable || socket._httpMessage?.headersSent) return void socket.destroy();
  socket.write(`HTTP/1.1 ${UNREAD[error.code ?? ''] ?? '400 Bad Request'}\r\nX-Request-Id: ${newId()}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  socket.destroySoon();
}

/** Listens and returns the port in use; a taken port is a sentence, not a stack. */
export function listen(server: http.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new FogbowError('unavailable', listenFault(error, host, port), { cause: error })));
    server.listen(port, host, () => {
      // A connection that could not be accepted is its client's loss only.
      server.on('error', () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use by another program: stop it or configure another port.`;
  if (error.code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}

/** From now on each answer is the last of its connection, those included that are under way; new connections are taken all the same. */
export function endConnections(server: http.Server): void {
  server.prependListener('request', (_request, response: http.ServerResponse) => { response.shouldKeepAlive = false; });
  for (const socket of connections.get(server) ?? []) sayGoodbye(socket);
}

/** So soon a connection goes that became idle while the server closes. */
const SWEEP_MS = 50;

/**
 * Stops accepting and lets running requests finish, each as the last of its connection, so that clients send none that would be lost; cuts
 * what is left after `graceMs`.
 */
export function closeServer(server: http.Server, graceMs = 5000): Promise<void> {
  const open = [connections, bare].map((sockets) => sockets.get(server) ?? new Set<Socket>());
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => {
      server.closeAllConnections();
      for (const socket of open.flatMap((sockets) => [...sockets])) socket.destroy();
    }, graceMs);
    endConnections(server);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** In the answer that the connection is at, where its head is not sent yet. */
function sayGoodbye(socket: Answering): void {
  const answer = socket._httpMessage;
  if (answer && !answer.headersSent) answer.shouldKeepAlive = false;
}
