import type { XmlElement } from './xml/element.js';

/**
 * One kind of message between members: its place on the wire and the codecs between XML and plain payloads (spec §3).
 * Decoders throw `bad-syntax` when what they need is missing or malformed, and ignore what they do not know.
 */
export interface FederationMessage<Request, Reply> {
  /** For logs and knobs; unique in the catalogue. */
  readonly name: string;
  /** Of the `<query>` in requests and results; the message is recognised by it. */
  readonly namespace: string;
  readonly iqType: 'get' | 'set';
  encodeRequest(request: Request): XmlElement;
  decodeRequest(query: XmlElement): Request;
  /** Undefined: an empty result. */
  encodeReply(reply: Reply): XmlElement | undefined;
  decodeReply(query: XmlElement | undefined): Reply;
}

/** The reply of messages whose result says "done" and nothing more. */
export type Empty = Readonly<Record<string, never>>;
export const EMPTY: Empty = {};
