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

/** Servers on the way add addresses and namespaces of their own. */
const ROOM_FOR_SERVERS = 2048;
/** `&quot;` and `&apos;`, as Prosody writes them also where XML does not ask for it, are so much longer than what they stand for. */
const LONGER_QUOTE = 5;

/**
 * The stanza as text for the wire. One over which a server on the way would close a connection, with all that others have under way on it,
 * never leaves: it counts as long as the most wasteful of them would write it.
 */
export function encodeStanza(stanza: XmlElement, maxBytes: number): string {
  const text = serialise(stanza, STANZA_NAMESPACE);
  const most = maxBytes - ROOM_FOR_SERVERS;
  const bytes = Buffer.byteLength(text);
  if (bytes > most || (bytes * (1 + LONGER_QUOTE) > most && bytes + LONGER_QUOTE * quotesIn(stanza) > most)) {
    throw new FogbowError('body-too-large', `The message is larger than ${most} bytes, as XMPP servers write it.`);
  }
  return text;
}

function quotesIn(part: XmlElement | string): number {
  if (typeof part === 'string') return part.match(/["']/g)?.length ?? 0;
  return part.children.reduce((sum, child) => sum + quotesIn(child), 0);
}
