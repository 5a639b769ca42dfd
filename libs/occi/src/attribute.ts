import { FogbowError } from '@fogbow/plugin-contracts';
import { unquote } from './category.js';
import { splitOutsideQuotes } from './split-header.js';

export const UNSUPPORTED_ATTRIBUTES = 'There are unsupported attributes in the request.';

/** `name=value` pairs of `X-OCCI-Attribute` headers, repeated or joined by commas; the first `=` separates (spec §1.3). */
export function parseAttributes(headers: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const pair of headers.flatMap((header) => splitOutsideQuotes(header, ','))) {
    const separator = pair.indexOf('=');
    if (separator < 1) throw new FogbowError('unsupported-attribute', UNSUPPORTED_ATTRIBUTES);
    const name = pair.slice(0, separator).trim();
    const value = pair.slice(separator + 1).trim();
    // Requirements keep their inner quotes: they are part of the expression.
    attributes.set(name, unquote(value));
  }
  return attributes;
}

/** One line of a text rendering, with the blank that the original puts at its end (spec §1.7). */
export const renderAttribute = (name: string, value: string): string => `X-OCCI-Attribute: ${name}="${value}" `;
