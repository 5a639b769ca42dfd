import { ServerResponse } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

/** Turns the request that is being answered into a WebSocket; undefined for requests that did not ask for it. Rejects when that fails, with the connection ended. */
export type TakeWebSocket = (request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>) => Promise<WebSocket> | undefined;

export interface Upgrades {
  readonly take: TakeWebSocket;
  /** `answer` is the application of the server. */
  listenOn(server: Server, answer: (request: IncomingMessage, response: ServerResponse) => void): void;
}

/** Clients have nothing to say; a little room for whatever they send. */
const MAX_PAYLOAD = 1024;

/**
 * WebSocket requests for the path pass through the application as every other, with its request ids, authentication and errors, and its
 * handler takes the socket in the end. All other upgrades are wishes that we may pass over (RFC 9110 §7.8): Java's HTTP client offers h2c
 * with every request, which is answered as the plain request that it is.
 */
export function createUpgrades(path: string): Upgrades {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_PAYLOAD, clientTracking: false });
  const heads = new WeakMap<IncomingMessage, Buffer>();
  return {
    take(request, response, headers) {
      const head = heads.get(request);
      if (!head) return undefined;
      const { socket } = request;
      response.detachSocket(socket);
      return new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error('The connection ended before it was a WebSocket.'));
        if (socket.destroyed) return fail();
        socket.once('close', fail);
        const add = (lines: string[], of: IncomingMessage): void => {
          if (of === request) lines.push(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
        };
        sockets.on('headers', add);
        sockets.handleUpgrade(request, socket, head, (done) => {
          socket.off('close', fail);
          resolve(done);
        });
        sockets.off('headers', add);
      });
    },
    listenOn(server, answer) {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        socket.on('error', () => socket.destroy());
        if (!isWebSocket(request) || request.url?.split('?')[0] !== path) return answerPlainly(server, request, socket, head);
        heads.set(request, head);
        const response = new ServerResponse(request);
        response.shouldKeepAlive = false;
        response.assignSocket(socket as Socket);
        // No limit of the server holds for this connection any more: it must not wait for its client to close it too.
        response.once('finish', () => (socket as Socket).destroySoon());
        answer(request, response);
      });
    },
  };
}

const isWebSocket = ({ method, headers }: IncomingMessage): boolean => method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** Hands the connection back to the server with the same request but for its wish to upgrade. */
function answerPlainly(server: Server, { method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
