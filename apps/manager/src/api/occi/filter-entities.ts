import { FogbowError } from '@fogbow/plugin-contracts';
import { parseAttributes } from '@fogbow/occi';
import type { Entity } from '@fogbow/occi';
import type { Request } from 'express';
import { presentName } from './names.js';
import { headerValues } from './occi-request.js';

/** What a list is narrowed to by its request headers (spec §1.6, §1.8). */
export interface EntityFilter {
  /** Terms, or parts of them; a thing that has any of them stays. */
  readonly terms: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
}

export function filterOf(request: Request): EntityFilter {
  const terms = headerValues(request, 'category').map((value) => value.replace(/^\s*Category:/i, '').split(';')[0]?.trim() ?? '').filter(Boolean);
  const attributes = new Map([...parseAttributes(headerValues(request, 'x-occi-attribute'))].map(([name, value]) => [presentName(name), value]));
  return { terms: terms.map((term) => (term === 'fogbow_request' ? 'order' : term)), attributes };
}

export const isFiltering = ({ terms, attributes }: EntityFilter): boolean => terms.length > 0 || attributes.size > 0;

/** A category that no thing has is refused; attributes that no thing has leave nothing. `entityOf` must speak in present names. */
export function filterEntities<T>(things: readonly T[], filter: EntityFilter, entityOf: (thing: T) => Entity): readonly T[] {
  const pairs = things.map((thing): [T, Entity] => [thing, entityOf(thing)]);
  const inCategory = filter.terms.length === 0 ? pairs
    : pairs.filter(([, { kind, mixins }]) => [kind, ...mixins].some((own) => filter.terms.some((term) => own.term.includes(term))));
  if (filter.terms.length > 0 && inCategory.length === 0) throw new FogbowError('unknown-category', 'The following category is not registered.');
  return inCategory.filter(([, { attributes }]) => hasAll(new Map(attributes), filter.attributes)).map(([thing]) => thing);
}

function hasAll(own: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): boolean {
  // States are shown in upper case by some answers and in lower case by others.
  return [...wanted].every(([name, value]) => own.get(name) === (name.endsWith('.state') ? value.toLowerCase() : value));
}
