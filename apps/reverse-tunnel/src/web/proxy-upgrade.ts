import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { errorPage } from './error-page.js';
import { toUser } from './forward-headers.js';
import { faultOf, openRequest } from './proxy-request.js';
import type { ProxyTo } from './proxy-request.js';

/** The only protocol that a connection may change to. Another, as HTTP/2 without TLS, would pass requests by this proxy unread. */
export const isWebSocket = (request: IncomingMessage): boolean => request.headers.upgrade?.trim().toLowerCase() === 'websocket' && request.method === 'GET';

/** Hands a WebSocket handshake to the service; once it agrees, bytes flow both ways until one side ends. */
export function proxyUpgrade(to: ProxyTo, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const upstream = openRequest(to, request, 'websocket');
  socket.on('error', () => upstream.destroy());
  socket.once('close', () => upstream.destroy());
  upstream.on('upgrade', (answer, machine: Socket, early: Buffer) => {
    socket.write(headOf(101, [...toUser(answer.rawHeaders, to.client.host), 'Connection', 'Upgrade', 'Upgrade', 'websocket']), 'latin1');
    join(socket, machine, to.idleMs);
    if (early.length > 0) socket.write(early);
    if (head.length > 0) machine.write(head);
  });
  // A service that does not want to says why; its connection ends with that.
  upstream.on('response', (answer) => {
    socket.write(headOf(answer.statusCode ?? 502, [...toUser(answer.rawHeaders, to.client.host), 'Connection', 'close']), 'latin1');
    answer.on('error', () => socket.destroy());
    answer.pipe(socket);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => refuseSocket(socket, ...faultOf(error)));
  upstream.end();
}

export function refuseSocket(socket: Duplex, status: number, says: string): void {
  if (!socket.writable) return void socket.destroy();
  const page = errorPage(status, says);
  socket.end(`${headOf(status, ['Content-Type', 'text/html; charset=utf-8', 'Content-Length', String(Buffer.byteLength(page)), 'Connection', 'close'])}${page}`);
}

function join(user: Socket, machine: Socket, idleMs: number): void {
  for (const [one, other] of [[user, machine], [machine, user]] as const) {
    one.setTimeout(idleMs, () => one.destroy());
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroySoon());
    one.pipe(other);
  }
}

function headOf(status: number, raw: readonly string[]): string {
  const lines = raw.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${raw[index + 1] ?? ''}`] : []));
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n')}\r\n\r\n`;
}
