import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'ssh2';
import type { Connection } from 'ssh2';
import { bindingAvailable } from 'ssh2/lib/protocol/crypto.js';
import { FogbowError } from '@fogbow/plugin-contracts';
import { bindPort } from '../ports/bind-port.js';
import { authenticateClient } from './authenticate-client.js';
import { hangUp } from './hang-up.js';
import { createLoginGate } from './login-gate.js';
import type { LoginLimits } from './login-gate.js';
import { createSession } from './session.js';
import type { SessionHost } from './session-host.js';
import type { SessionRegistry } from './session-registry.js';

export interface SshServerOptions {
  /** OpenSSH private key, PEM. */
  readonly hostKey: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly keepaliveMs: number;
  readonly login: LoginLimits & { readonly secretTries: number };
  readonly sessionHost: SessionHost;
  readonly registry: SessionRegistry;
}

export interface SshServer {
  readonly port: number;
  /** Connections that have not logged in. */
  strangers(): number;
  stop(): Promise<void>;
}

/** AES-GCM first: with the compiled addon it is the cheapest per byte. The rest is for clients that lack it. */
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;

/** The one SSH port of the tunnel. The listener is ours and not ssh2's, so that limits apply before the first byte. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const { login, registry, sessionHost: { log } } = options;
  const gate = createLoginGate(login);
  const sockets = new Map<string, Socket>();
  const server = new Server({
    hostKeys: [options.hostKey],
    ident: 'fogbow-tunnel',
    algorithms: { cipher: [...CIPHERS] },
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 3,
  }, (client, info) => {
    // Synchronously: a fault of the handshake that nobody listens for would end the process.
    client.on('error', (error: Error & { level?: string }) => {
      log.debug('an SSH connection has a fault', { remote: info.ip, error });
      if (error.level === 'client-timeout') sockets.get(placeOf(info))?.destroy();
    });
    const socket = sockets.get(placeOf(info));
    if (!socket) return void client.end();
    welcome(options, client, socket, () => gate.passed(socket));
  });
  server.on('error', (error: Error) => log.warn('the SSH server has a fault', { error }));
  const listener = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    if (!gate.admit(socket)) return;
    const place = placeOf({ ip: socket.remoteAddress, port: socket.remotePort });
    sockets.set(place, socket);
    socket.once('close', () => { if (sockets.get(place) === socket) sockets.delete(place); });
    server.injectSocket(socket);
  });
  await listenOrSay(listener, options.host, options.port);
  const { port } = listener.address() as AddressInfo;
  listener.on('error', (error) => log.warn('the SSH port has a fault', { error }));
  log.info('ssh listening', { port, nativeCrypto: bindingAvailable });
  if (!bindingAvailable) log.warn('the native addon of ssh2 is missing: encryption costs about twice the processor time');
  return { port, strangers: gate.strangers, stop: () => stopListening(listener, sockets, registry) };
}

const placeOf = (info: { ip?: string | undefined; port?: number | undefined }): string => `${info.ip} ${info.port}`;

function welcome({ login, sessionHost, registry }: SshServerOptions, client: Connection, socket: Socket, passed: () => void): void {
  socket.setNoDelay(true);
  authenticateClient(client, { grants: sessionHost.grants, secretTries: login.secretTries }, {
    onLogin: (grantId) => {
      passed();
      const session = createSession(sessionHost, { client, socket, grantId, onEnd: () => registry.leave(session) });
      registry.enter(session);
    },
    onRefused: (user) => sessionHost.log.info('login refused', { user: user.slice(0, 128), remote: socket.remoteAddress }),
    onTooMany: () => hangUp(client, socket),
  });
}

async function listenOrSay(listener: net.Server, host: string, port: number): Promise<void> {
  try {
    await bindPort(listener, host, port);
  } catch (error) {
    throw new FogbowError('unavailable', `The SSH port ${port} on ${host} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}

async function stopListening(listener: net.Server, sockets: ReadonlyMap<string, Socket>, registry: SessionRegistry): Promise<void> {
  const closed = new Promise<void>((resolve) => { listener.close(() => resolve()); });
  for (const session of registry.list()) session.end('the tunnel stops');
  const cut = setTimeout(() => { for (const socket of sockets.values()) socket.destroy(); }, 1000);
  await closed;
  clearTimeout(cut);
}
