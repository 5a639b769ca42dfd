import type { Socket } from 'node:net';
import type { TunnelEvent } from '@fogbow/queues';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import type { ServiceStatus } from '../sessions/session-services.js';

/**
 * A tunnel is one control and its workers. The control has the SSH port, the grants, the ports, the limits and Redis; workers have the sessions and
 * everything that costs processor time. They see each other through these two interfaces: within one process directly, else by messages, so that
 * every argument and answer is plain data, but for the socket.
 */
export interface SessionWorker {
  /** A connection that has said nothing yet. Resolves when it has logged in or is gone. */
  take(address: string, socket: Socket): Promise<StrangerEnd>;
  /** Frees the ports of a session before it resolves; unknown sessions are passed over. */
  end(sessionId: string, why: string): Promise<void>;
  closePort(sessionId: string, port: number): Promise<void>;
  /** The grant of a session is another now. */
  change(sessionId: string, grant: StoredGrant): Promise<void>;
  /** Tells again what is up. */
  announce(sessionIds: readonly string[]): Promise<void>;
  list(): Promise<readonly SessionStatus[]>;
  /** Ends every session. */
  stop(): Promise<void>;
}

export type StrangerEnd = 'logged-in' | Extract<RefusalReason, 'login-grace' | 'no-login' | 'wrong-secret' | 'handshake'>;

export interface SessionStatus {
  readonly sessionId: string;
  readonly services: readonly ServiceStatus[];
  readonly up: number;
  readonly down: number;
}

export interface LoginAsk {
  readonly user: string;
  readonly address: string;
  /** SHA-256 (hex) of the secret that was given; or the public key that was offered, `ssh-ed25519 AAAA…`, of which the worker verifies the signature. */
  readonly proof: { readonly secretHash: string } | { readonly publicKey: string };
}

export interface SessionEntry {
  readonly sessionId: string;
  readonly grantId: string;
  readonly address: string;
}

/** What workers ask of the control. */
export interface ControlDesk {
  login(ask: LoginAsk): Promise<{ readonly grant: StoredGrant } | { readonly refused: RefusalReason }>;
  /** A machine has logged in. Resolves when an older session of the same grant has let go of its ports. */
  enter(entry: SessionEntry): Promise<{ readonly grant: StoredGrant } | { readonly refused: RefusalReason }>;
  leave(sessionId: string, bytes: { readonly up: number; readonly down: number }): Promise<void>;
  event(sessionId: string, event: TunnelEvent): Promise<void>;
  /** Something was refused, so often since the last time; it is counted. */
  refused(reason: RefusalReason, times: number): Promise<void>;
  /** Bytes that all sessions of a worker carried since the last time. */
  traffic(up: number, down: number): Promise<void>;
}
