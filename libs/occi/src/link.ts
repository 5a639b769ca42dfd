import { irregular, unquote } from './category.js';
import { splitOutsideQuotes } from './split-header.js';

/** A link of OCCI: `</network/1>; rel="…"; self="…"; category="…"; name="value"`. */
export interface OcciLink {
  readonly target: string;
  readonly rel: string;
  readonly self?: string;
  readonly category?: string;
  readonly attributes?: readonly (readonly [name: string, value: string])[];
}

const OWN = ['rel', 'self', 'category'];

/** All links of `Link` headers, repeated or joined by commas. Throws bad-syntax. */
export function parseLinks(headers: readonly string[]): OcciLink[] {
  return headers.flatMap((header) => splitOutsideQuotes(header, ',')).map(parseLink);
}

function parseLink(text: string): OcciLink {
  const [first = '', ...rest] = splitOutsideQuotes(text.replace(/^Link:/i, ''), ';');
  const target = /^<([^<>]{1,1000})>$/.exec(first)?.[1];
  const parts = new Map(rest.map(parsePart));
  const rel = parts.get('rel');
  if (!target || !rel) throw irregular();
  const attributes = [...parts].filter(([name]) => !OWN.includes(name));
  const own = Object.fromEntries(['self', 'category'].flatMap((name) => (parts.has(name) ? [[name, parts.get(name)]] : [])));
  return { target, rel, ...own, ...(attributes.length > 0 ? { attributes } : {}) };
}

function parsePart(part: string): [string, string] {
  const separator = part.indexOf('=');
  if (separator < 1) throw irregular();
  return [part.slice(0, separator).trim(), unquote(part.slice(separator + 1).trim())];
}

export function renderLink({ target, rel, self, category, attributes = [] }: OcciLink): string {
  const parts: [string, string | undefined][] = [['rel', rel], ['self', self], ['category', category], ...attributes.map(([name, value]): [string, string] => [name, value])];
  return [`<${target}>`, ...parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]))].join('; ');
}
