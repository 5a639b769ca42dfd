import { SaxesParser } from 'saxes';
import type { SaxesTagNS } from 'saxes';
import type { XmlElement, XmlNode } from './element.js';

export const STREAM_NAMESPACE = 'http://etherx.jabber.org/streams';

export interface StreamLimits {
  /** Characters of one stanza, tags included. */
  readonly maxStanza: number;
  /** Levels of elements, the stanza itself being the first. */
  readonly maxDepth: number;
  /**
   * Drop a stanza that is too large, up to sixteen times the limit, nested too deeply or wrong in its namespaces, instead of failing the
   * stream. For a stream from our own server, which hands us what strangers send: they must not be able to cut us off.
   */
  readonly skipOversized?: boolean;
}

/** Conditions of RFC 6120 §4.9.3. */
export type StreamCondition = 'not-well-formed' | 'restricted-xml' | 'policy-violation' | 'invalid-namespace' | 'bad-format';

export interface StreamListener {
  /** The attributes of the stream header. */
  opened(header: Readonly<Record<string, string>>): void;
  /** A complete child of the stream. */
  stanza(stanza: XmlElement): void;
  closed(): void;
  /** The input is not acceptable; nothing more is reported. */
  failed(condition: StreamCondition, reason: string): void;
  /** A stanza was dropped for its size. */
  skipped?(name: string): void;
}

export interface StreamParser {
  /** Never throws for bad input. What a listener throws passes through. */
  write(chunk: string | Uint8Array): void;
}

class StreamFault extends Error {
  constructor(readonly condition: StreamCondition, reason: string) {
    super(reason);
  }
}

const HARD_FACTOR = 16;
/** In the words of saxes. */
const NAMESPACE_FAULT = /namespace|xmlns|prefix/i;

interface OpenElement extends XmlElement {
  readonly children: XmlNode[];
}

/** Reads an XMPP stream: strict XML without DTDs, comments and processing instructions (RFC 6120 §11.1), within limits. */
export function createStreamParser(limits: StreamLimits, listener: StreamListener): StreamParser {
  const parser = new SaxesParser({ xmlns: true });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const state = createTree(limits, listener, () => parser.position);
  const refuse = (what: string) => (): never => { throw new StreamFault('restricted-xml', `${what} is not allowed in a stream.`); };
  parser.on('doctype', refuse('A document type'));
  parser.on('comment', refuse('A comment'));
  parser.on('processinginstruction', refuse('A processing instruction'));
  parser.on('opentag', state.open);
  parser.on('closetag', state.close);
  parser.on('text', state.text);
  parser.on('cdata', state.text);
  parser.on('error', (error) => {
    // Servers write some namespaces wrong that they have read right; the parser goes on after such a fault.
    if (!(limits.skipOversized && NAMESPACE_FAULT.test(error.message) && state.skip())) throw new StreamFault('not-well-formed', error.message);
  });
  let ended = false;
  let fed = 0;
  return {
    write(chunk) {
      if (ended) return;
      try {
        const text = decodeOrFail(decoder, chunk);
        parser.write(text);
        // The parser's own position is right only while it reads.
        state.checkSize(fed += text.length);
      } catch (error) {
        ended = true;
        if (!(error instanceof StreamFault)) throw error;
        listener.failed(error.condition, error.message);
      }
    },
  };
}

function decodeOrFail(decoder: InstanceType<typeof TextDecoder>, chunk: string | Uint8Array): string {
  if (typeof chunk === 'string') return chunk;
  try {
    return decoder.decode(chunk, { stream: true });
  } catch {
    throw new StreamFault('bad-format', 'The stream is not UTF-8.');
  }
}

/** Builds one stanza at a time; the stream element itself never collects children. */
function createTree(limits: StreamLimits, listener: StreamListener, position: () => number) {
  const path: OpenElement[] = [];
  let started = false;
  let stanzaStart = 0;
  let skipping = false;
  const skip = (): boolean => {
    skipping = started;
    for (const open of path) open.children.length = 0;
    return skipping;
  };
  const checkSize = (reached: number): void => {
    const size = reached - stanzaStart;
    if (size <= limits.maxStanza) return;
    if (!limits.skipOversized || size > limits.maxStanza * HARD_FACTOR) throw new StreamFault('policy-violation', 'A stanza is too large.');
    skip();
  };
  return {
    checkSize, skip,
    open(tag: SaxesTagNS): void {
      rememberNamespaces(tag);
      if (!started) {
        started = true;
        if (tag.local !== 'stream' || tag.uri !== STREAM_NAMESPACE) throw new StreamFault('invalid-namespace', 'The first element is not a stream.');
        listener.opened(attributesOf(tag));
        stanzaStart = position();
        return;
      }
      if (path.length >= limits.maxDepth && !skipping) {
        if (!limits.skipOversized) throw new StreamFault('policy-violation', 'A stanza is nested too deeply.');
        skip();
      }
      const open: OpenElement = { name: tag.local, namespace: tag.uri, attributes: skipping ? {} : attributesOf(tag), children: [] };
      if (!skipping) path.at(-1)?.children.push(open);
      path.push(open);
    },
    close(): void {
      const done = path.pop();
      if (!done) return listener.closed();
      if (path.length > 0) return;
      checkSize(position());
      const skipped = skipping;
      stanzaStart = position();
      skipping = false;
      if (skipped) listener.skipped?.(done.name);
      else listener.stanza(done);
    },
    text(text: string): void {
      const parent = path.at(-1);
      if (parent && !skipping) parent.children.push(text);
      else if (!parent && started && text.trim() !== '') throw new StreamFault('bad-format', 'There is text between stanzas.');
    },
  };
}

/** Every element would else be looked up through all that are open: a stanza of half a megabyte, nested deeply, took minutes. */
function rememberNamespaces(tag: SaxesTagNS): void {
  tag.ns[tag.prefix] = tag.uri;
  for (const { prefix, uri } of Object.values(tag.attributes)) if (prefix !== '') tag.ns[prefix] = uri;
}

function attributesOf(tag: SaxesTagNS): Record<string, string> {
  const declared = (prefix: string): [string, string][] => (prefix === '' || prefix === 'xml' ? [] : [[`xmlns:${prefix}`, tag.ns[prefix] ?? '']]);
  return Object.fromEntries(Object.values(tag.attributes)
    .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    .flatMap(({ name, prefix, uri, value }): [string, string][] => [...declared(prefix).map(([key]): [string, string] => [key, uri]), [name, value]]));
}
