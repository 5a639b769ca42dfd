import fc from 'fast-check';
import type { PageQuery } from '@fogbow/messaging';
import { pageWish, placePage } from './page-wish.js';
import { rankIn } from './sorted-ids.js';

const list = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 30 }).map((ids) => ids.sort());
const rankOf = (ids: readonly string[]) => (id: string) => (ids.includes(id) ? rankIn(ids, id) : undefined);

function pageOf(ids: readonly string[], query: PageQuery, pageMax: number): readonly string[] {
  const place = placePage(pageWish(query, pageMax), ids.length, rankOf(ids));
  if (!place) throw new Error('There is no such page.');
  return ids.slice(place.start, place.end);
}

it.each<[string, PageQuery]>([
  ['after and before', { after: 'a', before: 'b' }],
  ['after and index', { after: 'a', index: 1 }],
  ['the end and index', { before: '', index: 0 }],
])('does not guess what %s mean together', (_what, query) => expect(() => pageWish(query, 10)).toThrow(expect.objectContaining({ code: 'bad-syntax' })));

it('reads a whole list forwards and backwards, in pages of any size', () => {
  fc.assert(fc.property(list, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), (ids, max, pageMax) => {
    const forwards: string[] = [];
    for (let page = pageOf(ids, { max }, pageMax); page.length > 0; page = pageOf(ids, { max, after: page.at(-1) as string }, pageMax)) forwards.push(...page);
    const backwards: string[] = [];
    for (let page = pageOf(ids, { max, before: '' }, pageMax); page.length > 0; page = pageOf(ids, { max, before: page[0] as string }, pageMax)) backwards.unshift(...page);
    expect([forwards, backwards]).toEqual([ids, ids]);
  }));
});

it('gives no more than was asked for and is allowed, and always a part of the list', () => {
  const at = fc.oneof(fc.constant({}), fc.nat(9).map((index) => ({ index })), fc.constant({ before: '' }));
  fc.assert(fc.property(list, at, fc.option(fc.nat(9), { nil: undefined }), fc.integer({ min: 1, max: 9 }), (ids, where, max, pageMax) => {
    const place = placePage(pageWish({ ...where, ...(max === undefined ? {} : { max }) }, pageMax), ids.length, rankOf(ids));
    if (!place) return expect((where as { index: number }).index).toBeGreaterThanOrEqual(ids.length);
    expect(place.end - place.start).toBeLessThanOrEqual(Math.min(max ?? pageMax, pageMax));
    expect(place.start).toBeGreaterThanOrEqual(0);
    expect(place.end).toBeGreaterThanOrEqual(place.start);
    expect(place.end).toBeLessThanOrEqual(ids.length);
  }));
});

it('knows the position of every id', () => fc.assert(fc.property(list, (ids) => expect(ids.map((id) => rankIn(ids, id))).toEqual(ids.map((_, index) => index)))));
