import { irregular, parseCategory } from './category.js';
import type { Category } from './category.js';
import { splitOutsideQuotes } from './split-header.js';

/** A category with all that the query interface tells of it (spec §1.11). */
export interface Resource extends Category {
  readonly attributes?: readonly ResourceAttribute[];
  /** Identifiers of actions: scheme and term joined. */
  readonly actions?: readonly string[];
}

export interface ResourceAttribute {
  readonly name: string;
  /** Set by the system only. */
  readonly immutable?: true;
}

/** The resource header in the order of the original; parts without content are left out. */
export function renderResource(resource: Resource): string {
  const attributes = (resource.attributes ?? []).map(({ name, immutable }) => (immutable ? `${name}{immutable}` : name)).join(' ');
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['scheme', resource.scheme], ['class', resource.class], ['title', resource.title], ['rel', resource.rel], ['location', resource.location],
    ['attributes', attributes], ['actions', resource.actions?.join(' ')],
  ];
  return [resource.term, ...parts.flatMap(([name, value]) => (value ? [`${name}="${value}"`] : []))].join('; ');
}

/** Scheme and term joined, as OCCI 1.2 names a category in JSON. */
export const identifierOf = ({ scheme, term }: Pick<Category, 'scheme' | 'term'>): string => `${scheme}${term}`;

/** All categories of `Category` headers, repeated or joined by commas. */
export const parseCategories = (headers: readonly string[]): Category[] => headers.flatMap((header) => splitOutsideQuotes(header, ',')).map(parseCategory);

/** The reverse of {@link identifierOf}, where the class is known from its place. */
export function parseIdentifier(text: string, kind: string): Category {
  const [, scheme, term] = /^([^\s"]{1,500}#)([^\s"#;=,]{1,200})$/.exec(text) ?? [];
  if (!scheme || !term) throw irregular();
  return { term, scheme, class: kind };
}
