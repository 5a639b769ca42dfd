import type { Socket } from 'node:net';
import { Server } from 'ssh2';
import type { Connection } from 'ssh2';
import { bindingAvailable } from 'ssh2/lib/protocol/crypto.js';
import { newId } from '@fogbow/service-runtime';
import type { SessionWorker, StrangerEnd } from '../workers/contract.js';
import { authenticateClient } from './authenticate-client.js';
import { hangUp } from './hang-up.js';
import type { RefusalReason } from './refusal-reason.js';
import { createSession } from './session.js';
import type { Session } from './session.js';
import type { SessionHost } from './session-host.js';

export interface SessionWorkerOptions {
  /** OpenSSH private keys, PEM; the first is the one that clients prefer. */
  readonly hostKeys: readonly string[];
  readonly keepaliveMs: number;
  readonly graceMs: number;
  readonly secretTries: number;
  readonly host: SessionHost;
}

/**
 * chacha20 and AES-256-GCM first: with these one process carries as much as OpenSSH's own server, measured side by side (docs/benchmarks.md).
 * The client's order decides; the rest is for clients that lack them.
 */
const CIPHERS = ['aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'] as const;
/** In ssh2's own order: with the first two the other way round Dropbear's guess of the key exchange meets silence. */
const KEX = ['curve25519-sha256@libssh.org', 'curve25519-sha256', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'diffie-hellman-group16-sha512', 'diffie-hellman-group14-sha256'] as const;
const MACS = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'] as const;

/** A connection between the first byte and its login, or its end. */
interface Stranger {
  readonly address: string;
  readonly socket: Socket;
  /** It speaks SSH. */
  greeted(): void;
  end(how: StrangerEnd): void;
}

/** The sessions of one process: SSH from the first byte of a connection on. */
export function createSessionWorker(options: SessionWorkerOptions): SessionWorker {
  const { log } = options.host;
  const sessions = new Map<string, Session>();
  const server = new Server({
    hostKeys: [...options.hostKeys], ident: 'fogbow-tunnel', algorithms: { cipher: [...CIPHERS], kex: [...KEX], hmac: [...MACS], compress: ['none'] },
    keepaliveInterval: options.keepaliveMs, keepaliveCountMax: 3,
  });
  server.on('error', (error: Error) => log.warn('the SSH server has a fault', { error }));
  if (!bindingAvailable) log.warn('the native addon of ssh2 is missing: encryption costs about twice the processor time');
  const strangers = new WeakMap<Socket, Stranger>();
  server.on('connection', (client: Connection) => {
    const stranger = strangers.get((client as unknown as { _sock: Socket })._sock);
    // Synchronously: a fault of the handshake that nobody listens for would end the process.
    client.on('error', (error: Error & { level?: string }) => {
      log.debug('an SSH connection has a fault', { remote: stranger?.address, error });
      if (error.level === 'client-timeout') stranger?.socket.destroy();
      if (error.level === 'handshake') stranger?.end('handshake');
    });
    if (!stranger) return void client.end();
    stranger.greeted();
    welcome(options, { client, stranger, sessions });
  });
  return {
    take: (address, socket) => new Promise((resolve) => {
      strangers.set(socket, meet(socket, address, options.graceMs, resolve));
      server.injectSocket(socket);
    }),
    end: (id, why) => settled(() => sessions.get(id)?.end(why)),
    closePort: (id, port) => settled(() => sessions.get(id)?.closePort(port)),
    change: (id, grant) => settled(() => sessions.get(id)?.change(grant)),
    announce: (ids) => settled(() => { for (const id of ids) sessions.get(id)?.announce(); }),
    list: () => Promise.resolve([...sessions.values()].map((session) => ({ sessionId: session.id, services: session.services(), ...session.bytes() }))),
    async stop() {
      const left = [...sessions.values()].map((session) => session.closed);
      for (const session of [...sessions.values()]) session.end('the tunnel stops');
      await Promise.all(left);
    },
  };
}

const settled = async (action: () => void): Promise<void> => action();

/** Keeps the connection's time short: ssh2 has no login timer. */
function meet(socket: Socket, address: string, graceMs: number, resolve: (end: StrangerEnd) => void): Stranger {
  let wrongs: StrangerEnd = 'no-login';
  let isSsh = false;
  const timer = setTimeout(() => { resolve('login-grace'); socket.destroy(); }, graceMs);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearTimeout(timer);
    // It spoke, and ssh2 never said that it spoke SSH.
    resolve(!isSsh && socket.bytesRead > 0 ? 'handshake' : wrongs);
  });
  if (socket.destroyed || socket.remoteAddress === undefined) socket.destroy();
  return {
    address, socket,
    greeted() { isSsh = true; },
    end(how) {
      if (how === 'wrong-secret' || how === 'handshake') wrongs = how;
      if (how !== 'logged-in') return;
      clearTimeout(timer);
      resolve(how);
    },
  };
}

function welcome({ host, secretTries }: SessionWorkerOptions, { client, stranger, sessions }: { client: Connection; stranger: Stranger; sessions: Map<string, Session> }): void {
  const { address, socket } = stranger;
  authenticateClient(client, {
    secretTries,
    ask: (user, proof) => host.desk.login({ user, address, proof }),
    onLogin(grant) {
      stranger.end('logged-in');
      const session = createSession(host, { client, socket, grant, address, id: newId(), onEnd: () => sessions.delete(session.id) });
      sessions.set(session.id, session);
    },
    onRefused(user: string, reason: RefusalReason) {
      stranger.end('wrong-secret');
      host.refuse(reason);
      host.log.info('login refused', { user: user.slice(0, 128), remote: address, reason });
    },
    onTooMany: () => hangUp(client, socket),
  });
}
