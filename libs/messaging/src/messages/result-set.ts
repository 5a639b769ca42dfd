import type { XmlElement } from '../xml/element.js';
import { childElement, childText, element, textOf } from '../xml/element.js';
import { optionalText, wholeNumber } from './read-payload.js';

/** Which part of an ordered list (XEP-0059). All absent: the first page, in the size that the answering side prefers. */
export interface PageQuery {
  /** At most so many; the answering side may give fewer. 0 asks for the count only. */
  readonly max?: number;
  /** What comes strictly after this id. */
  readonly after?: string;
  /** What stands directly before this id; the empty text asks for the last page. */
  readonly before?: string;
  /** What begins at this position, counted from 0. */
  readonly index?: number;
}

/** What a page says about the list it is of. */
export interface PagePlace {
  /** How many there are on all pages; the original sends the size of the page instead. */
  readonly total: number;
  /** The position of the page's first item; absent where the page is empty or the peer is an original. */
  readonly index?: number;
}

const RSM = 'http://jabber.org/protocol/rsm';

/** The `<set>` of a request, in the namespace of its message: originals neither send nor expect that of XEP-0059 there (spec §3.1). */
export function encodePageQuery({ max, after, before, index }: PageQuery, namespace: string): XmlElement | undefined {
  const part = (name: string, value: string | number | undefined) => (value === undefined ? undefined : element(name, namespace, [String(value)]));
  const parts = [part('max', max), part('after', after), part('before', before), part('index', index)];
  return parts.some(Boolean) ? element('set', namespace, parts) : undefined;
}

/** Reads the `<set>` of `parent` in any namespace; an empty `<after/>` is none (XEP-0059 §2.2), an empty `<before/>` is the last page (§2.5). */
export function decodePageQuery(parent: XmlElement | undefined): PageQuery {
  const set = childElement(parent, 'set');
  const max = wholeNumber(optionalText(set, 'max'), 'max');
  const after = optionalText(set, 'after');
  const before = childText(set, 'before')?.trim();
  const index = wholeNumber(optionalText(set, 'index'), 'index');
  return {
    ...(max === undefined ? {} : { max }), ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }), ...(index === undefined ? {} : { index }),
  };
}

/** The `<set>` of an answer: the edges of the page, where it begins, and the size of the whole list. */
export function encodePagePlace(ids: readonly string[], { total, index }: PagePlace): XmlElement {
  const [first, last] = [ids[0], ids.at(-1)];
  return element('set', RSM, [
    first === undefined ? undefined : element('first', RSM, [first], index === undefined ? {} : { index: String(index) }),
    last === undefined ? undefined : element('last', RSM, [last]),
    element('count', RSM, [String(total)]),
  ]);
}

/** `found` is the number of items of the page, which stands for the total where the peer gives none. */
export function decodePagePlace(parent: XmlElement | undefined, found: number): PagePlace {
  const set = childElement(parent, 'set');
  const total = wholeNumber(optionalText(set, 'count'), 'count') ?? found;
  const first = childElement(set, 'first');
  const index = first && textOf(first).trim() !== '' ? first.attributes['index'] : undefined;
  // Only a help: what cannot be read of it is as if it were not there.
  return index !== undefined && /^\d{1,15}$/.test(index) ? { total, index: Number(index) } : { total };
}
