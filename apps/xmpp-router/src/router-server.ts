import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FogbowError } from '@fogbow/plugin-contracts';
import { clientMember } from '@fogbow/messaging';
import type { XmlElement } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { WebSocketServer } from 'ws';
import { serveClient } from './client-connection.js';
import { MAX_STANZA, serveConnection } from './connection.js';
import type { Connection, ConnectionOptions } from './connection.js';
import { bounce, route } from './route.js';

export interface RouterOptions {
  /** Address of each component and its secret. */
  readonly components: Readonly<Record<string, string>>;
  /** Account of each client, such as manager@example.org, and its password. */
  readonly clients?: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** Milliseconds until a connection must have proved its secret; default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** Bytes that may wait for one component before what it is sent is refused; default 16 MiB. */
  readonly maxBacklog?: number;
}

export interface Router {
  /** Accepts components. Resolves with the port in use. */
  listen(host: string, port: number): Promise<number>;
  /** Accepts clients, over WebSocket at /xmpp-websocket. Resolves with the port in use. */
  listenWebSocket(host: string, port: number): Promise<number>;
  /** The components and clients that are connected, by their ids. */
  present(): string[];
  close(): Promise<void>;
}

/** Room for clients that have not proved themselves, beyond the components. */
const SPARE_CONNECTIONS = 64;
const FRAME_OVERHEAD = 64 * 1024;
const PROTOCOL_ERROR = 1002;

/** A server for components (XEP-0114) and clients (RFC 7395) on one machine: it knows no rosters, no presence and no other servers. */
export function createRouter(options: RouterOptions): Router {
  const { log, handshakeTimeoutMs = 10_000, maxBacklog = 16 * 1024 * 1024 } = options;
  const secrets = new Map(Object.entries(options.components).map(([jid, secret]) => [jid.toLowerCase(), secret]));
  const passwords = new Map(Object.entries(options.clients ?? {}).map(([account, password]) => [clientMember(account) ?? '', password]));
  const connections = new Map<string, Connection>();
  const sockets = new Set<Socket>();
  const forward = (sender: Connection, stanza: XmlElement): void => {
    const routing = route(stanza, sender.component, (component) => connections.has(component));
    if ('streamError' in routing) {
      log.warn('ended the stream of a component', { component: sender.component, condition: routing.streamError, from: stanza.attributes['from'] });
      return sender.end(routing.streamError);
    }
    if ('drop' in routing) return log.debug('dropped a stanza', { component: sender.component, why: routing.drop });
    if (connections.get(routing.to)?.send(routing.stanza)) return;
    const refused = bounce(stanza, sender.component, new FogbowError('too-many-requests', `${routing.to} does not read what it is sent.`));
    if ('to' in refused) sender.send(refused.stanza);
  };
  const common = {
    log, handshakeTimeoutMs, maxBacklog, stanza: forward,
    accepted(connection: Connection) {
      const old = connections.get(connection.component);
      connections.set(connection.component, connection);
      old?.end('conflict');
      log.info(old ? 'a component connected again; its old stream ends' : 'a component connected', { component: connection.component });
    },
    closed(connection: Connection) {
      if (connections.get(connection.component) === connection) connections.delete(connection.component);
      log.info('a component is gone', { component: connection.component });
    },
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => serveConnection(socket, { ...common, secretOf: (component) => secrets.get(component) }));
  const web = createHttpServer((_request, response) => response.writeHead(404).end());
  acceptClients(web, { ...common, secretOf: (member) => passwords.get(member) });
  for (const each of [server, web]) {
    each.maxConnections = (secrets.size + passwords.size) * 2 + SPARE_CONNECTIONS;
    each.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
  }
  return {
    present: () => [...connections.keys()],
    listen: (host, port) => listen(server, host, port, log),
    listenWebSocket: (host, port) => listen(web, host, port, log),
    async close() {
      const closed = [server, web].map((each) => new Promise((resolve) => { each.close(resolve); }));
      for (const connection of connections.values()) connection.end('system-shutdown');
      for (const socket of sockets) socket.destroySoon();
      await Promise.all(closed);
    },
  };
}

/** Takes WebSockets at the one path that speak XMPP; everything else hears 404 or 400. */
function acceptClients(web: HttpServer, options: ConnectionOptions): void {
  const clients = new WebSocketServer({
    noServer: true, maxPayload: MAX_STANZA + FRAME_OVERHEAD, perMessageDeflate: false, handleProtocols: (offered) => (offered.has('xmpp') ? 'xmpp' : false),
  });
  web.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    if (request.url !== '/xmpp-websocket') return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    clients.handleUpgrade(request, socket, head, (client) => (client.protocol === 'xmpp' ? serveClient(client, options) : client.close(PROTOCOL_ERROR)));
  });
}

function listen(server: Server, host: string, port: number, log: Logger): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(new FogbowError('unavailable', listenFault(cause, host, port), { cause }));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      server.on('error', (error) => log.error('the listening socket failed', { error }));
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use by another program: stop it or configure another port.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}
