import { FogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { STANZA_NAMESPACE } from './stanza.js';

/** What a link stands on: a way to send and receive stanzas under one address, that mends itself. */
export interface StanzaTransport {
  /** Called once before `start`. */
  listen(listener: TransportListener): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  connected(): boolean;
  /** Errors: unavailable, body-too-large, bad-syntax. */
  send(stanza: XmlElement): Promise<void>;
}

export interface TransportListener {
  stanza(stanza: XmlElement): void;
  disconnected(): void;
}

export const MAX_STANZA = 512 * 1024;
export const MAX_DEPTH = 32;

/** The stanza as text for the wire; a stanza that the other side would close the stream over never leaves. */
export function encodeStanza(stanza: XmlElement, maxBytes: number): string {
  const text = serialise(stanza, STANZA_NAMESPACE);
  if (Buffer.byteLength(text) > maxBytes) throw new FogbowError('body-too-large', `The message is larger than ${maxBytes} bytes.`);
  return text;
}
