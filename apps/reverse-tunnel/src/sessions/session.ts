import type { Socket } from 'node:net';
import type { Connection, TcpipBindInfo } from 'ssh2';
import type { Logger } from '@fogbow/service-runtime';
import { hangUp } from './hang-up.js';
import { createSessionServices } from './session-services.js';
import { createSessionChannels } from './session-channels.js';
import type { SessionHost } from './session-host.js';
import type { ServiceStatus, SessionServices } from './session-services.js';

/** One machine that has logged in. */
export interface Session {
  readonly grantId: string;
  /** ISO 8601. */
  readonly since: string;
  readonly remoteAddress: string;
  services(): readonly ServiceStatus[];
  /** Tells the Manager again what is up. */
  announce(): void;
  /** Frees the ports before it returns; the connection closes within half a second. */
  end(why: string): void;
}

export interface SessionPeer {
  readonly client: Connection;
  readonly socket: Socket;
  readonly grantId: string;
  readonly onEnd: () => void;
}

/** Must run within the client's `ready` event: requests follow at once. */
export function createSession(host: SessionHost, { client, socket, grantId, onEnd }: SessionPeer): Session {
  const ending = new AbortController();
  const log = host.log.child({ grantId, remote: socket.remoteAddress });
  const channels = createSessionChannels({
    client, socket, spend: () => 0, idleMs: 0,
    onAsked: (what) => log.info('request refused', { what }),
    onMisbehaviour: (what) => end(`the machine does not keep to the protocol: ${what}`),
  });
  const services = createSessionServices(host, { client, channels, grantId, ended: ending.signal, log });
  const end = (why: string): void => {
    if (ending.signal.aborted) return;
    ending.abort();
    services.closeAll();
    log.info('session ended', { why });
    hangUp(client, socket);
    onEnd();
  };
  answerRequests(client, services, log);
  client.on('close', () => end('the machine left'));
  log.info('session started');
  return { grantId, since: host.clock.now().toISOString(), remoteAddress: socket.remoteAddress ?? '', services: services.list, announce: services.announce, end };
}

/** Forwarding is all that a session can ask for; ssh2 refuses channels of every kind because nobody listens for them. */
function answerRequests(client: Connection, services: SessionServices, log: Logger): void {
  client.on('request', (accept: (() => void) | undefined, reject: (() => void) | undefined, name: string, info: TcpipBindInfo) => {
    if (name === 'cancel-tcpip-forward') {
      services.close(info.bindPort);
      return accept?.();
    }
    if (name !== 'tcpip-forward') return reject?.();
    void services.open(info).then((refused) => {
      if (refused === undefined) return accept?.();
      log.info('forward refused', { port: info.bindPort, why: refused });
      reject?.();
    });
  });
}
