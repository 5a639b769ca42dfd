import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { bindPort } from '../ports/bind-port.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import type { SessionWorker } from '../workers/contract.js';
import type { Penalties } from './penalties.js';
import type { Strangers } from './strangers.js';

export interface SshDoorOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly strangers: Strangers;
  readonly penalties: Penalties;
  /** True where machines are logged in from. */
  readonly isKnown: (address: string) => boolean;
  /** Gives the connection to a worker. */
  readonly take: SessionWorker['take'];
  readonly refuse: (reason: RefusalReason) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SshDoor {
  readonly port: number;
  /** Nobody comes in any more; who is in stays. */
  close(): Promise<void>;
}

/** The one SSH port of the tunnel. Who may come in is decided here, before the first byte and for all workers together. */
export async function openSshDoor(options: SshDoorOptions): Promise<SshDoor> {
  const { strangers, penalties, clock, log, refuse } = options;
  const receive = async (socket: Socket): Promise<void> => {
    const address = socket.remoteAddress ?? '';
    const reason = strangers.admit(address, options.isKnown(address), clock.uptime());
    if (reason) {
      refuse(reason);
      return void socket.destroy();
    }
    // Of a worker that died nobody but we are to blame.
    const end = await options.take(address, socket).catch(() => undefined);
    strangers.gone(address);
    if (!end) return;
    penalties.note(address, end, clock.uptime());
    if (end === 'login-grace' || end === 'no-login' || end === 'handshake') refuse(end);
  };
  const listener = net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    void receive(socket);
  });
  await listenOrSay(listener, options.host, options.port);
  const { port } = listener.address() as AddressInfo;
  listener.on('error', (error) => log.warn('the SSH port has a fault', { error }));
  log.info('ssh listening', { port });
  // Connections that were given to another process still count as the listener's until they end: closing waits for none of them.
  return { port, close: () => new Promise((resolve) => { listener.close(() => undefined); setImmediate(resolve); }) };
}

async function listenOrSay(listener: net.Server, host: string, port: number): Promise<void> {
  try {
    await bindPort(listener, host, port);
  } catch (error) {
    throw new FogbowError('unavailable', `The SSH port ${port} on ${host} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}
