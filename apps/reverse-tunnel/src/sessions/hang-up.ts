import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';

const FAREWELL_MS = 500;

/** Says goodbye and closes; a peer that is gone does not hold the socket longer than half a second. */
export function hangUp(client: Connection, socket: Socket): void {
  client.end();
  const impatience = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once('close', () => clearTimeout(impatience));
  if (socket.destroyed) clearTimeout(impatience);
  else socket.destroySoon();
}
