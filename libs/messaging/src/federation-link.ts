import type { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { FederationMessage } from './federation-message.js';

export interface RequestOptions {
  /** Milliseconds until the request fails with `timeout`; default 15 s (`xmpp_timeout` of spec §3.2). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What came of a request that was posted. */
export type Outcome<Reply> = { readonly reply: Reply } | { readonly error: FogbowError };

/**
 * The asking side. Errors of every call: `unavailable` at once while there is no connection, `body-too-large` and
 * `bad-syntax` for payloads that the wire cannot carry. None of them throws synchronously.
 */
export interface MessageSender {
  /**
   * Sends and waits. Rejects with the peer's error, its code and text kept; `timeout`; `too-many-requests` when too many wait
   * already; the signal's abort as `unavailable`. After `timeout` or `unavailable` the peer may have done what was asked.
   */
  request<Request, Reply>(to: MemberId, message: FederationMessage<Request, Reply>, payload: Request, options?: RequestOptions): Promise<Reply>;

  /**
   * Sends with a chosen IQ id and does not wait; the outcome comes to `onLateReply`, perhaps after a restart of this process. A payload that
   * the wire cannot carry does not reject: its error is an outcome too, since sending it again would not help.
   */
  post<Request, Reply>(to: MemberId, message: FederationMessage<Request, Reply>, payload: Request, options: { readonly id: string }): Promise<void>;

  /** The late outcome for a request whose handler said 'later'. Resolves when it is on the wire, which is not yet delivery. One that the wire cannot carry goes out as that error. */
  answer<Request, Reply>(to: MemberId, message: FederationMessage<Request, Reply>, id: string, outcome: Reply | FogbowError): Promise<void>;
}

/** `from` is the sender's address as the XMPP servers proved it, without resource. `id` is the id of the IQ. */
export type MessageHandler<Request, Reply> = (from: MemberId, payload: Request, id: string) => Promise<Reply | 'later'>;

export type LateReplyListener<Reply> = (from: MemberId, id: string, outcome: Outcome<Reply>) => Promise<void> | void;

/** The answering side. Register everything before `start`. */
export interface MessageReceiver {
  /** One handler per message. What it throws goes back as an error of the catalogue; unknown errors as `internal` without their text. */
  handle<Request, Reply>(message: FederationMessage<Request, Reply>, handler: MessageHandler<Request, Reply>): void;

  /**
   * Outcomes whose id no `request` of this process waits for. A result is recognised by its namespace; an error by the namespace that it
   * quotes, else by the id of a post, else it goes to every listener. So ids may be unknown and must be checked, as must `from`.
   */
  onLateReply<Request, Reply>(message: FederationMessage<Request, Reply>, listener: LateReplyListener<Reply>): void;
}

/** One member's connection to the federation. It reconnects by itself, for ever, until `stop`. */
export interface FederationLink extends MessageSender, MessageReceiver {
  /** Resolves when the first attempt to connect has succeeded or failed; never rejects. */
  start(): Promise<void>;
  /** Fails what waits with `unavailable` and closes. Handlers that run are waited for. */
  stop(): Promise<void>;
  connected(): boolean;
}
