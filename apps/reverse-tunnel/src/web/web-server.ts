import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Logger } from '@fogbow/service-runtime';
import type { CertificateStore } from './certificate-store.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import { createConnectionGate } from './connection-gate.js';
import { SAYS } from './error-page.js';
import type { Client } from './forward-headers.js';
import { sendPage, proxyRequest } from './proxy-request.js';
import { isWebSocket, proxyUpgrade, refuseSocket } from './proxy-upgrade.js';
import { createServiceAgent } from './service-agent.js';
import type { WebLimits } from './web-config.js';
import { readDestination } from './web-name.js';
import type { Destination, WebTarget } from './web-name.js';

export interface WebServerOptions {
  readonly domain?: string | undefined;
  readonly limits: WebLimits;
  /** Absent: plain HTTP. */
  readonly certificates?: Pick<CertificateStore, 'contextFor' | 'first' | 'onFirst'> | undefined;
  /** Port of the service in this tunnel; undefined when there is no such service. */
  readonly find: (target: WebTarget) => number | undefined;
  readonly doorKey: Buffer;
  /** Answers what is not for a service. */
  readonly api: (request: IncomingMessage, response: ServerResponse) => void;
  readonly refuse: (reason: RefusalReason) => void;
  readonly log: Logger;
}

export interface WebServer {
  listen(host: string, port: number): Promise<number>;
  /** Nobody comes in any more; who is in stays. */
  closeDoor(): Promise<void>;
  /** Ends what is idle at once and the rest after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

/** Enough for the cookies of most, and little enough to be held for every connection. */
const HEADER_BYTES = 32 * 1024;
const HEADERS = 100;
const GRACE_MS = 2000;

/** The one web port of the tunnel: TLS by SNI, then the API or a service by the Host header. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { limits, certificates, doorKey, refuse, log } = options;
  const agent = createServiceAgent(doorKey);
  const settings = { maxHeaderSize: HEADER_BYTES, headersTimeout: limits.headerMs, requestTimeout: 0, keepAliveTimeout: limits.headerMs, connectionsCheckingInterval: Math.min(1000, limits.headerMs), noDelay: true };
  const server = certificates ? createTlsServer(certificates, limits, settings) : http.createServer(settings);
  server.maxHeadersCount = HEADERS;
  // Later than the machine's side, so that a user reads why.
  server.timeout = limits.idleMs + GRACE_MS;
  const open = new Set<Socket>();
  const gate = createConnectionGate(limits);
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    if (!gate(socket)) return refuse('web-connections');
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('secureConnection', (socket: Socket) => void socket.on('error', () => undefined));
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    log.debug('a TLS handshake failed', { remote: socket.remoteAddress, error });
    socket.destroy();
  });
  server.on('clientError', (_error: Error, socket: Duplex) => { refuse('web-request'); refuseSocket(socket, 400, SAYS.misread); });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => answer(options, agent, request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => upgrade(options, agent, { request, socket, head }));
  return {
    async listen(host, port) {
      await bind(server, host, port);
      server.on('error', (error) => log.warn('the web port has a fault', { error }));
      return (server.address() as AddressInfo).port;
    },
    closeDoor: () => new Promise((resolve) => { server.close(() => undefined); server.closeIdleConnections(); setImmediate(resolve); }),
    stop: (graceMs = 2000) => stop(server, open, agent, graceMs),
  };
}

function createTlsServer(certificates: Pick<CertificateStore, 'contextFor' | 'first' | 'onFirst'>, limits: WebLimits, settings: http.ServerOptions): https.Server {
  const always = { minVersion: 'TLSv1.2' } as const;
  const server = https.createServer({
    ...settings, ...always, ...certificates.first(), handshakeTimeout: limits.headerMs, ALPNProtocols: ['http/1.1'],
    SNICallback: (name, done) => done(null, certificates.contextFor(name)),
  });
  certificates.onFirst((pair) => server.setSecureContext({ ...always, ...pair }));
  return server;
}

function answer(options: WebServerOptions, agent: http.Agent, request: IncomingMessage, response: ServerResponse): void {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const destination = readDestination(request.headers.host, options.domain);
  if (destination.kind === 'api') return options.api(request, response);
  // A target with a host of its own, or for a proxy, would be another thing to the machine than it was to us.
  if (!isPlainTarget(request)) {
    options.refuse('web-request');
    return sendPage(response, 400, SAYS.misread);
  }
  const port = portOf(options, destination);
  if (port === undefined) return sendPage(response, 404, SAYS.unknown);
  proxyRequest({ agent, port, client: clientOf(request), idleMs: options.limits.idleMs }, request, response);
}

function portOf({ find, refuse }: WebServerOptions, destination: Destination): number | undefined {
  const port = destination.kind === 'service' ? find(destination.target) : undefined;
  if (port === undefined) refuse('web-name');
  return port;
}

interface Upgrade { readonly request: IncomingMessage; readonly socket: Socket; readonly head: Buffer }

function upgrade(options: WebServerOptions, agent: http.Agent, { request, socket, head }: Upgrade): void {
  socket.on('error', () => undefined);
  const destination = readDestination(request.headers.host, options.domain);
  if (destination.kind === 'api' || !isWebSocket(request) || !isPlainTarget(request)) {
    options.refuse('web-request');
    return refuseSocket(socket, 400, SAYS.misread);
  }
  const port = portOf(options, destination);
  if (port === undefined) return refuseSocket(socket, 404, SAYS.unknown);
  proxyUpgrade({ agent, port, client: clientOf(request), idleMs: options.limits.idleMs }, request, socket, head);
}

function isPlainTarget({ url, method, rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  return hosts === 1 && ((url ?? '').startsWith('/') || (url === '*' && method === 'OPTIONS'));
}

function clientOf({ socket, headers }: IncomingMessage): Client {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  const host = (headers.host ?? '').toLowerCase();
  return { address, host: host.replace(/:\d*$/, ''), scheme: socket instanceof TLSSocket ? 'https' : 'http', port: socket.localPort ?? 0 };
}

function bind(server: http.Server | https.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function stop(server: http.Server | https.Server, open: ReadonlySet<Socket>, agent: http.Agent, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of open) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
  agent.destroy();
}
