import net from 'node:net';
import type { Socket } from 'node:net';
import type { Clock } from '@fogbow/service-runtime';
import { bindPort } from '../ports/bind-port.js';
import type { ForwardedAddress, SessionChannels } from './session-channels.js';

/** One public port, open as long as the session that asked for it. */
export interface Forward {
  readonly port: number;
  connections(): number;
  /** Frees the port at once and ends the users' connections. */
  close(): void;
}

/** A user's connection that is over; times are ISO 8601. */
export interface GoneUser {
  readonly remote: string;
  readonly since: string;
  readonly until: string;
  readonly up: number;
  readonly down: number;
}

export interface ForwardOptions {
  readonly channels: SessionChannels;
  /** Address of this host on which users connect. */
  readonly host: string;
  readonly forwarded: ForwardedAddress;
  /** Asked for each new connection: false turns it away. */
  readonly admit: () => boolean;
  /** Where only some may come in: resolves to false, and the connection is turned away. */
  readonly guard?: (socket: Socket) => Promise<boolean>;
  readonly clock: Clock;
  readonly ended: AbortSignal;
  readonly onError: (error: Error) => void;
  readonly onGone: (user: GoneUser) => void;
}

const FLUSH_MS = 2000;
const RETRY_MS = 40;
/** A process that is handing its sessions over frees a port as soon as it hears of the new one. */
const TRIES = 50;

/** Opens the public port; rejects with the system's error when it cannot be bound. */
export async function openForward({ channels, host, forwarded, admit, guard, clock, ended, onError, onGone }: ForwardOptions): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!admit()) return void socket.on('error', () => undefined).destroy();
    const [remote, since] = [socket.remoteAddress ?? '', clock.now().toISOString()];
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      onGone({ remote, since, until: clock.now().toISOString(), up: socket.bytesRead, down: socket.bytesWritten });
    });
    if (!guard) return channels.carry(socket, forwarded);
    void guard(socket).then((isWelcome) => { if (isWelcome) channels.carry(socket, forwarded); else socket.destroy(); });
  });
  for (let attempt = 1; ; attempt += 1) {
    const fault = await bindPort(server, host, forwarded.port).then(() => undefined, (error: NodeJS.ErrnoException) => error);
    if (!fault) break;
    if (fault.code !== 'EADDRINUSE' || attempt === TRIES || ended.aborted) throw fault;
    await clock.sleep(RETRY_MS, ended);
  }
  server.on('error', onError);
  return {
    port: forwarded.port,
    connections: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) {
        socket.setTimeout(FLUSH_MS, () => socket.destroy());
        socket.destroySoon();
      }
    },
  };
}
