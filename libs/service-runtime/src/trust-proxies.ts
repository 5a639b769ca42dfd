import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import type { BlockList, Socket } from 'node:net';
import { LONGEST_HEADER, readProxyHeader } from './proxy-header.js';
import type { ProxiedClient } from './proxy-header.js';

/** Proxies before a server, which tell it by the PROXY protocol who its clients are. */
export interface TrustedProxies {
  /** Where they dial from. A connection from there must begin with a header; any other one is its own client, and a header in it is no HTTP. */
  readonly senders: BlockList;
  /** Told of each connection that was closed since its header was wrong or late. */
  readonly onRefused?: (sender: string, why: string) => void;
  /** How long the header is waited for; proxies send it at once. Default 5 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5000;

type Serve = (socket: Socket) => void;

/**
 * Puts the reading of headers before everything that the server does with a connection, TLS included. From then on `remoteAddress` and `remotePort`
 * of every socket are the client's.
 */
export function trustProxies(server: Server, proxies: TrustedProxies): void {
  const handlers = server.listeners('connection') as Serve[];
  const serve: Serve = (socket) => { for (const handler of handlers) handler.call(server, socket); };
  server.removeAllListeners('connection');
  const clients = new Map<string, ProxiedClient>();
  server.on('connection', (socket: Socket) => {
    const sender = socket.remoteAddress;
    // It is gone already.
    if (sender === undefined) return void socket.destroy();
    if (!proxies.senders.check(sender, isIPv6(sender) ? 'ipv6' : 'ipv4')) return serve(socket);
    awaitHeader(socket, proxies, (client) => {
      if (client) rememberClient(clients, socket, client);
      serve(socket);
    });
  });
  // TLS makes a socket of its own over that of the wire, which knows the proxy only.
  server.prependListener('secureConnection', (secure: Socket) => {
    const client = clients.get(wireOf(secure));
    if (client) speakFor(secure, client);
  });
}

function rememberClient(clients: Map<string, ProxiedClient>, socket: Socket, client: ProxiedClient): void {
  const wire = wireOf(socket);
  clients.set(wire, client);
  socket.once('close', () => clients.delete(wire));
  speakFor(socket, client);
}

/** No two connections that are open have the same. */
const wireOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string => [remoteAddress, remotePort, localAddress, localPort].join(' ');

function speakFor(socket: Socket, { address, port }: ProxiedClient): void {
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true });
  Object.defineProperty(socket, 'remotePort', { value: port, configurable: true });
  Object.defineProperty(socket, 'remoteFamily', { value: isIPv6(address) ? 'IPv6' : 'IPv4', configurable: true });
}

/** Takes the header off the connection, or ends it; what came behind the header stays for whoever reads next. */
function awaitHeader(socket: Socket, { onRefused, timeoutMs = TIMEOUT_MS }: TrustedProxies, take: (client?: ProxiedClient) => void): void {
  const sender = socket.remoteAddress ?? '';
  let bytes = Buffer.alloc(0);
  const refuse = (why: string): void => {
    leave();
    socket.destroy();
    onRefused?.(sender, why);
  };
  // Who only looks whether the port is open says nothing and goes; so does a connection that breaks.
  const ended = (): void => {
    leave();
    socket.destroy();
    if (bytes.length > 0) onRefused?.(sender, 'it ended in its header');
  };
  const read = (): void => {
    for (let more = socket.read() as Buffer | null; more; more = socket.read() as Buffer | null) bytes = Buffer.concat([bytes, more]);
    const header = readProxyHeader(bytes.subarray(0, LONGEST_HEADER + 1));
    if (header.state === 'partial') return;
    if (header.state === 'wrong') return refuse(header.why);
    leave();
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    take(header.client);
  };
  const late = setTimeout(() => refuse(`its header was not there after ${timeoutMs} ms`), timeoutMs);
  const leave = (): void => {
    clearTimeout(late);
    socket.off('readable', read).off('end', ended).off('close', ended);
  };
  socket.on('error', () => undefined).on('readable', read).once('end', ended).once('close', ended);
}
