import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import type { Socket } from 'node:net';
import { FogbowError } from '@fogbow/plugin-contracts';

/**
 * The way of a web request into a session is a port on the loopback, so that it works whichever process of the tunnel
 * holds the session. Other programs of this host could connect there, or sit there while the machine is away: so
 * both sides prove first that they are this tunnel. Knock: 16 random bytes and their HMAC; answer: another HMAC of them.
 */
export const LOOPBACK = '127.0.0.1';

const NONCE = 16;
const MAC = 32;
const KNOCK_MS = 5000;

const macOf = (key: Buffer, side: 'knock' | 'open', nonce: Buffer): Buffer => createHmac('sha256', key).update(side).update(nonce).digest();

/** The key of these proofs follows from the host key, which every process of a tunnel has and nobody else. */
export const doorKeyOf = (hostKey: string): Buffer => createHmac('sha256', hostKey).update('fogbow tunnel door').digest();

/** The machine's side: true once the caller has proved itself; what it sent behind the knock stays to be read. */
export async function answerKnock(socket: Socket, key: Buffer): Promise<boolean> {
  const knock = await take(socket, NONCE + MAC);
  const nonce = knock?.subarray(0, NONCE);
  if (!knock || !nonce || !timingSafeEqual(knock.subarray(NONCE), macOf(key, 'knock', nonce))) return false;
  socket.write(macOf(key, 'open', nonce));
  return true;
}

/** The web port's side: a connection to the service on this port; rejects with `unavailable` when nobody of ours is there. */
export async function knock(port: number, key: Buffer): Promise<Socket> {
  const socket = net.connect({ host: LOOPBACK, port, noDelay: true });
  const nonce = randomBytes(NONCE);
  // Written before it is connected, so that it costs no turn.
  socket.on('error', () => undefined).write(Buffer.concat([nonce, macOf(key, 'knock', nonce)]));
  const answer = await take(socket, MAC);
  if (answer && timingSafeEqual(answer, macOf(key, 'open', nonce))) return socket;
  socket.destroy();
  throw new FogbowError('unavailable', 'The machine is not connected.');
}

/** The first `length` bytes; undefined when they do not come in time. The rest stays in the socket, which is paused. */
function take(socket: Socket, length: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (bytes: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.off('readable', look).off('close', giveUp).off('end', giveUp).off('error', giveUp);
      resolve(bytes);
    };
    const giveUp = (): void => settle(undefined);
    const look = (): void => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes !== null) settle(bytes.length === length ? bytes : undefined);
    };
    const timer = setTimeout(giveUp, KNOCK_MS);
    socket.on('readable', look).on('close', giveUp).on('end', giveUp).on('error', giveUp);
  });
}
