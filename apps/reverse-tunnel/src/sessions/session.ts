import type { Socket } from 'node:net';
import type { Connection, TcpipBindInfo } from 'ssh2';
import type { StoredGrant } from '../grants/stored-grant.js';
import { createBandwidth } from './bandwidth.js';
import { hangUp } from './hang-up.js';
import { reasonForRequest } from './refusal-reason.js';
import type { RefusalReason } from './refusal-reason.js';
import { createSessionChannels } from './session-channels.js';
import { createSessionServices } from './session-services.js';
import type { SessionHost } from './session-host.js';
import type { ServiceStatus, SessionServices } from './session-services.js';

/** One machine that has logged in. */
export interface Session {
  readonly id: string;
  readonly grantId: string;
  /** Bytes from users to the machine, and from the machine to users. */
  bytes(): { readonly up: number; readonly down: number };
  services(): readonly ServiceStatus[];
  /** Tells the Manager again what is up. */
  announce(): void;
  closePort(port: number): void;
  /** What it may is something else from now on. */
  change(grant: StoredGrant): void;
  /** Frees the ports before it returns; the connection closes within half a second. */
  end(why: string): void;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
}

export interface SessionPeer {
  readonly id: string;
  readonly client: Connection;
  readonly socket: Socket;
  readonly address: string;
  readonly grant: StoredGrant;
  readonly onEnd: () => void;
}

/** One that asks so often for what it does not get is no honest client. */
const MOST_REFUSALS = 200;

/** Must run within the client's `ready` event: requests follow at once. They wait for the control, which ends an older session first. */
export function createSession(host: SessionHost, { id, client, socket, address, grant: first, onEnd }: SessionPeer): Session {
  const ending = new AbortController();
  const log = host.log.child({ grantId: first.id, remote: address });
  const bytes = { up: 0, down: 0 };
  let grant = first;
  let refusals = 0;
  const end = (why: string): void => {
    if (ending.signal.aborted) return;
    ending.abort();
    services.closeAll();
    log.info('session ended', { why });
    hangUp(client, socket);
    onEnd();
    host.desk.leave(id, bytes).catch(() => undefined);
  };
  const refuse = (reason: RefusalReason, what: string): void => {
    host.refuse(reason);
    log.info('request refused', { what, reason });
    if (++refusals === MOST_REFUSALS) { host.refuse('flood'); end('it asks again and again for what it may not'); }
  };
  const limits = { ...host.limits, ...first.limits };
  const pace = { up: createBandwidth(limits.bytesPerSecond, host.clock.uptime), down: createBandwidth(limits.bytesPerSecond, host.clock.uptime) };
  const channels = createSessionChannels({
    client, socket, idleMs: limits.idleSeconds * 1000, now: host.clock.uptime,
    spend(direction, count) {
      bytes[direction] += count;
      if (direction === 'up') host.carried(count, 0); else host.carried(0, count);
      return pace[direction](count);
    },
    onAsked: (what) => refuse(reasonForRequest(what), what),
    onMisbehaviour(what) { host.refuse('protocol'); end(`the machine does not keep to the protocol: ${what}`); },
  });
  const admitted = enter(host, { sessionId: id, grantId: first.id, address }, (now) => { grant = now; }, end);
  const services = createSessionServices(host, { client, channels, sessionId: id, grant: () => grant, admitted, most: limits.connections, refuse, ended: ending.signal, log });
  answerRequests(client, services);
  client.on('close', () => end('the machine left'));
  log.info('session started');
  return {
    id, grantId: first.id, bytes: () => bytes, services: services.list, announce: services.announce, closePort: services.close, end,
    change: (now) => { grant = now; },
    closed: new Promise((resolve) => { socket.once('close', () => resolve()); }),
  };
}

/** Resolves to false when there shall be no such session. */
async function enter(host: SessionHost, entry: { sessionId: string; grantId: string; address: string }, onGrant: (grant: StoredGrant) => void, end: (why: string) => void): Promise<boolean> {
  const answer = await host.desk.enter(entry).catch(() => ({ refused: 'other-request' as const }));
  if ('grant' in answer) {
    onGrant(answer.grant);
    return true;
  }
  host.refuse(answer.refused);
  end(answer.refused === 'flapping' ? 'two machines with this grant push each other out' : 'the grant has ended');
  return false;
}

/** Forwarding is all that a session can ask for; ssh2 refuses channels of every kind because nobody listens for them. */
function answerRequests(client: Connection, services: SessionServices): void {
  client.on('request', (accept: (() => void) | undefined, reject: (() => void) | undefined, name: string, info: TcpipBindInfo) => {
    if (name === 'cancel-tcpip-forward') {
      services.close(info.bindPort);
      return accept?.();
    }
    if (name !== 'tcpip-forward') return reject?.();
    void services.open(info).then((isOpen) => { if (isOpen) accept?.(); else reject?.(); });
  });
}
