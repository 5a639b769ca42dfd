import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { serveConnection } from './connection.js';
import type { Connection } from './connection.js';
import { bounce, route } from './route.js';

export interface RouterOptions {
  /** Address of each component and its secret. */
  readonly components: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** Milliseconds until a connection must have proved its secret; default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** Bytes that may wait for one component before what it is sent is refused; default 16 MiB. */
  readonly maxBacklog?: number;
}

export interface Router {
  /** Resolves with the port in use. */
  listen(host: string, port: number): Promise<number>;
  /** The components that are connected. */
  present(): string[];
  close(): Promise<void>;
}

/** Room for clients that have not proved themselves, beyond the components. */
const SPARE_CONNECTIONS = 64;

/** A server for components on one machine (XEP-0114): it knows no users, no rosters and no other servers. */
export function createRouter(options: RouterOptions): Router {
  const { log, handshakeTimeoutMs = 10_000, maxBacklog = 16 * 1024 * 1024 } = options;
  const secrets = new Map(Object.entries(options.components).map(([jid, secret]) => [jid.toLowerCase(), secret]));
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
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, {
      secretOf: (component) => secrets.get(component), log, handshakeTimeoutMs, maxBacklog, stanza: forward,
      accepted(connection) {
        const old = connections.get(connection.component);
        connections.set(connection.component, connection);
        old?.end('conflict');
        log.info(old ? 'a component connected again; its old stream ends' : 'a component connected', { component: connection.component });
      },
      closed(connection) {
        if (connections.get(connection.component) === connection) connections.delete(connection.component);
        log.info('a component is gone', { component: connection.component });
      },
    });
  });
  server.maxConnections = secrets.size * 2 + SPARE_CONNECTIONS;
  return {
    present: () => [...connections.keys()],
    listen: (host, port) => new Promise((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => reject(new FogbowError('unavailable', listenFault(cause, host, port), { cause })));
      server.listen(port, host, () => {
        server.on('error', (error) => log.error('the listening socket failed', { error }));
        resolve((server.address() as AddressInfo).port);
      });
    }),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const connection of connections.values()) connection.end('system-shutdown');
      for (const socket of sockets) socket.destroySoon();
    }),
  };
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use by another program: stop it or configure another port.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}
