import net from 'node:net';
import type { Socket } from 'node:net';
import { bindPort } from '../ports/bind-port.js';
import type { ForwardedAddress, SessionChannels } from './session-channels.js';

/** One public port, open as long as the session that asked for it. */
export interface Forward {
  readonly port: number;
  connections(): number;
  /** Frees the port at once and ends the users' connections. */
  close(): void;
}

export interface ForwardOptions {
  readonly channels: SessionChannels;
  /** Address of this host on which users connect. */
  readonly host: string;
  readonly forwarded: ForwardedAddress;
  /** Asked for each new connection: false turns it away. */
  readonly admit: () => boolean;
  readonly onError: (error: Error) => void;
}

const FLUSH_MS = 2000;

/** Opens the public port; rejects with the system's error when it cannot be bound. */
export async function openForward({ channels, host, forwarded, admit, onError }: ForwardOptions): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!admit()) return void socket.on('error', () => undefined).destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    channels.carry(socket, forwarded);
  });
  await bindPort(server, host, forwarded.port);
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
