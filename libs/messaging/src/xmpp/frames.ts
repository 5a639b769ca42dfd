import type { XmlElement, XmlNode } from '../xml/element.js';
import { createStreamParser, STREAM_NAMESPACE } from '../xml/stream-parser.js';
import type { StreamLimits } from '../xml/stream-parser.js';
import { STANZA_NAMESPACE } from '../link/stanza.js';

export const FRAMING_NAMESPACE = 'urn:ietf:params:xml:ns:xmpp-framing';
/** Of stanzas between a client and its server; inside of the link all stanzas stand in STANZA_NAMESPACE. */
export const CLIENT_NAMESPACE = 'jabber:client';

export interface FrameListener {
  element(item: XmlElement): void;
  failed(why: string): void;
  skipped(name: string): void;
}

/** Reads the frames of one direction (RFC 7395 §3.3): each is one element. The limits are those of a stream. */
export function createFrameReader(limits: StreamLimits, listener: FrameListener): (frame: string | Uint8Array) => void {
  let complete = 0;
  const parser = createStreamParser(limits, {
    opened: () => undefined,
    stanza: (item) => { complete += 1; listener.element(renamed(item, CLIENT_NAMESPACE, STANZA_NAMESPACE)); },
    closed: () => listener.failed('bad-format: a frame ends what it did not begin'),
    failed: (condition, reason) => listener.failed(`${condition}: ${reason}`),
    skipped: (name) => { complete += 1; listener.skipped(name); },
  });
  parser.write(`<stream:stream xmlns="${CLIENT_NAMESPACE}" xmlns:stream="${STREAM_NAMESPACE}">`);
  return (frame) => {
    const before = complete;
    parser.write(frame);
    if (complete - before > 1) listener.failed('bad-format: a frame holds more than one element');
  };
}

/** A stanza that encodeStanza wrote, as a frame. What is in the namespace of stanzas there takes it from the outermost element. */
export const toClientText = (text: string): string => text.replace(/^<[a-z]+/, (tag) => `${tag} xmlns="${CLIENT_NAMESPACE}"`);

/** The element with one namespace in the place of another, as far as it reaches unbroken from the top. */
export function renamed(item: XmlElement, from: string, to: string): XmlElement {
  if (item.namespace !== from) return item;
  return { ...item, namespace: to, children: item.children.map((child: XmlNode) => (typeof child === 'string' ? child : renamed(child, from, to))) };
}
