import { FogbowError } from '@fogbow/plugin-contracts';
import { splitOutsideQuotes } from './split-header.js';

/** An OCCI category: term, scheme and class make its identity (spec §1.3). */
export interface Category {
  readonly term: string;
  readonly scheme: string;
  readonly class: string;
  readonly title?: string;
  readonly rel?: string;
  readonly location?: string;
}

const EXTRA = ['title', 'rel', 'location'] as const;

/** `term; scheme="…"; class="…"` with optional title, location and rel; a leading `Category: ` is tolerated. */
export function parseCategory(text: string): Category {
  const [term = '', ...rest] = splitOutsideQuotes(text.replace(/^\s*Category:\s*/i, ''), ';');
  const parts = new Map(rest.map(parsePart));
  const scheme = parts.get('scheme');
  const kind = parts.get('class');
  if (!term || term.includes('=') || !scheme || !kind) throw irregular();
  for (const name of parts.keys()) if (!['scheme', 'class', ...EXTRA].includes(name)) throw irregular();
  const extra = Object.fromEntries(EXTRA.flatMap((name) => (parts.has(name) ? [[name, parts.get(name)]] : [])));
  return { term, scheme, class: kind, ...extra };
}

function parsePart(part: string): [string, string] {
  const separator = part.indexOf('=');
  if (separator < 1) throw irregular();
  return [part.slice(0, separator).trim(), unquote(part.slice(separator + 1).trim())];
}

export function renderCategory(category: Category): string {
  const extra = (['title', 'rel', 'location'] as const).flatMap((name) => (category[name] ? [`${name}="${category[name]}"`] : []));
  return [category.term, `scheme="${category.scheme}"`, `class="${category.class}"`, ...extra].join('; ');
}

export const sameCategory = (left: Category, right: Pick<Category, 'term' | 'scheme' | 'class'>): boolean =>
  left.term === right.term && left.scheme === right.scheme && left.class === right.class;

export const irregular = (): FogbowError => new FogbowError('bad-syntax', 'Irregular Syntax.');

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;

/** Removes one pair of double quotes around the whole, and the backslashes that protect quotes inside. */
export function unquote(text: string): string {
  const match = QUOTED.exec(text);
  return match ? (match[1] as string).replace(/\\(["\\])/g, '$1') : text;
}
