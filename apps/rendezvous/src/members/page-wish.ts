import { FogbowError } from '@fogbow/plugin-contracts';
import type { PageQuery } from '@fogbow/messaging';

/** A query that has one meaning: where the page stands, and how many it may hold. */
export type PageWish = { readonly size: number } & (
  | { readonly at: 'first' | 'last' }
  | { readonly at: 'after' | 'before'; readonly id: string }
  | { readonly at: 'index'; readonly index: number });

/** Reads a query by XEP-0059: no max → the configured one; an empty before → the last page. */
export function pageWish({ max, after, before, index }: PageQuery, pageMax: number): PageWish {
  const size = Math.min(max ?? pageMax, pageMax);
  if ([after, before, index].filter((given) => given !== undefined).length > 1) throw new FogbowError('bad-syntax', 'A page stands after, before or at an index: give one of them.');
  if (after !== undefined) return { at: 'after', id: after, size };
  if (before !== undefined) return before === '' ? { at: 'last', size } : { at: 'before', id: before, size };
  return index === undefined ? { at: 'first', size } : { at: 'index', index, size };
}

/** Where a page begins and ends (exclusive) in a list of `total`; undefined: what it refers to is not there. `rankOf` gives the position of an id. */
export function placePage(wish: PageWish, total: number, rankOf: (id: string) => number | undefined): { readonly start: number; readonly end: number } | undefined {
  const from = (start: number) => ({ start, end: Math.min(total, start + wish.size) });
  const upTo = (end: number) => ({ start: Math.max(0, end - wish.size), end });
  switch (wish.at) {
    case 'first': return from(0);
    case 'last': return upTo(total);
    case 'index': return wish.index > 0 && wish.index >= total ? undefined : from(wish.index);
    case 'after': {
      const rank = rankOf(wish.id);
      return rank === undefined ? undefined : from(rank + 1);
    }
    case 'before': {
      const rank = rankOf(wish.id);
      return rank === undefined ? undefined : upTo(rank);
    }
  }
}
