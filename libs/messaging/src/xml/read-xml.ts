import type { XmlElement } from './element.js';
import { createStreamParser, STREAM_NAMESPACE } from './stream-parser.js';

/** Reads one element as it would stand in a component's stream; for tests. Throws for what a stream would refuse. */
export function readXml(text: string, namespace = 'jabber:component:accept'): XmlElement {
  const found: XmlElement[] = [];
  const faults: string[] = [];
  createStreamParser({ maxStanza: 1_000_000, maxDepth: 32 }, {
    opened: () => undefined,
    stanza: (stanza) => { found.push(stanza); },
    closed: () => undefined,
    failed: (condition, reason) => { faults.push(`${condition}: ${reason}`); },
  }).write(`<stream:stream xmlns="${namespace}" xmlns:stream="${STREAM_NAMESPACE}">${text}`);
  const [only] = found;
  if (!only || found.length !== 1 || faults.length > 0) throw new Error(faults[0] ?? `There are ${found.length} elements.`);
  return only;
}
