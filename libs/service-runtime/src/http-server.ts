import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';

/**
 * An HTTP server for an Express application. Express sets the prototype of every request and response, which
 * de-optimises them; here they are born with it (expressjs/express#5998). Mount Routers, not sub-applications.
 */
export function createHttpServer(app: Express): http.Server {
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
  const server = http.createServer({
    IncomingMessage: born(http.IncomingMessage, (app as unknown as { request: object }).request),
    ServerResponse: born(http.ServerResponse, (app as unknown as { response: object }).response),
    maxHeaderSize: 64 * 1024,
  } as unknown as http.ServerOptions, app);
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  server.requestTimeout = 60_000;
  return server;
}

/** Listens and returns the port in use; a taken port is a sentence, not a stack. */
export function listen(server: http.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new FogbowError('unavailable', listenFault(error, host, port), { cause: error })));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use by another program: stop it or configure another port.`;
  if (error.code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}

/** Stops accepting, lets running requests finish, then cuts what is left after `graceMs`. */
export function closeServer(server: http.Server, graceMs = 5000): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => { clearTimeout(cut); resolve(); });
    server.closeIdleConnections();
  });
}
