import type { Socket } from 'node:net';
import type { Connection, ServerChannel } from 'ssh2';

export interface ForwardedAddress {
  /** Address and port as the machine asked for them: its client recognises the forward by both. */
  readonly boundAddress: string;
  readonly port: number;
}

const OPEN_MS = 15_000;
const LINGER_MS = 5_000;
const KEEPALIVE_MS = 60_000;

/** Carries one connection of a user through the session to the machine, each direction until it ends by itself. */
export function carryConnection(client: Connection, to: ForwardedAddress, socket: Socket): void {
  socket.setKeepAlive(true, KEEPALIVE_MS);
  const impatience = setTimeout(() => socket.destroy(), OPEN_MS);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => clearTimeout(impatience));
  client.forwardOut(to.boundAddress, to.port, socket.remoteAddress ?? '0.0.0.0', socket.remotePort ?? 0, (error, channel) => {
    clearTimeout(impatience);
    if (error) return void socket.destroy();
    channel.on('error', () => socket.destroy());
    if (socket.destroyed) return void channel.close();
    join(keepHalfOpen(channel), socket);
  });
}

/**
 * ssh2 closes a server's channel in both directions when our side ends. With this field off it only says EOF, and the
 * other side may go on sending, as TCP allows. The field is not documented: the test that half-closes guards it.
 */
export function keepHalfOpen(channel: ServerChannel): ServerChannel {
  (channel as unknown as { server: boolean }).server = false;
  return channel;
}

function join(channel: ServerChannel, socket: Socket): void {
  socket.on('error', () => {
    channel.close();
    channel.resume();
  });
  channel.pipe(socket).pipe(channel);
  // Not on the socket's close: the channel may still hold data for the machine behind its window.
  channel.on('close', () => {
    if (!socket.writableEnded) socket.end();
    socket.setTimeout(LINGER_MS, () => socket.destroy());
    socket.resume();
  });
}
