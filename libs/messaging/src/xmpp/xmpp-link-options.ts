import type { MemberId } from '@fogbow/request-model';
import type { Logger } from '@fogbow/service-runtime';

/** As a component of the member's server (XEP-0114). */
export interface ComponentServer {
  readonly host: string;
  readonly port: number;
  /** The port speaks TLS from the first byte; its certificate is for `host`. */
  readonly tls?: boolean;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
}

/** As a client of a server, over WebSocket (RFC 7395): for members that may only dial out, to port 443. */
export interface WebSocketServer {
  readonly url: string;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
}

export type XmppLinkOptions = (ComponentServer | WebSocketServer) & {
  /** The member's id, whose address it is on the wire (link/address.ts): that of a component, or with a `url` that of a client. */
  readonly jid: MemberId;
  /** Of the component, or the password of the account. */
  readonly secret: string;
  readonly log: Logger;
  /** Milliseconds; first step and cap of the back-off between attempts to connect. Defaults 500 and 15 000. */
  readonly reconnect?: { readonly baseMs: number; readonly capMs: number };
  /** Milliseconds until an attempt to connect is given up; default 5000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds between pings to ourselves through the server; after two without any sign the link connects anew. Default 30 000. */
  readonly keepAliveMs?: number;
  /** Bytes of the largest stanza that the servers take; default 512 KiB. */
  readonly maxStanza?: number;
  /** See LinkOptions. */
  readonly maxInFlight?: number;
  /** Called at every change. */
  readonly onStatus?: (connected: boolean) => void;
};
