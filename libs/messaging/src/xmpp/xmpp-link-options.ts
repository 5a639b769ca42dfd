import type { MemberId } from '@fogbow/request-model';
import type { Logger } from '@fogbow/service-runtime';

export interface XmppLinkOptions {
  /** The address of the component, which is the member's id. */
  readonly jid: MemberId;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly log: Logger;
  /** Milliseconds; first step and cap of the back-off between attempts to connect. Defaults 500 and 15 000. */
  readonly reconnect?: { readonly baseMs: number; readonly capMs: number };
  /** Milliseconds until an attempt to connect is given up; default 5000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds between pings to ourselves through the server; after two without any sign the link connects anew. Default 30 000. */
  readonly keepAliveMs?: number;
  /** See LinkOptions. */
  readonly maxInFlight?: number;
  /** Called at every change. */
  readonly onStatus?: (connected: boolean) => void;
}
