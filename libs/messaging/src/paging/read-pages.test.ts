import fc from 'fast-check';
import { FogbowError } from '@fogbow/plugin-contracts';
import { readPages } from './read-pages.js';

type Query = { readonly max: number; readonly after?: string };
type Page = { members: { id: string }[]; total: number; index?: number };

/** A peer with this list; originals have pages of their own size and tell the size of the page as the total. */
const peer = (ids: () => readonly string[], { most = 100, original = false } = {}) => (query: Query): Page => {
  const start = query.after === undefined ? 0 : ids().indexOf(query.after) + 1;
  if (query.after !== undefined && start === 0) throw new FogbowError('not-found', 'gone');
  const members = ids().slice(start, start + Math.min(query.max, most)).map((id) => ({ id }));
  return original ? { members, total: members.length } : { members, total: ids().length, index: start };
};

async function readAll(answer: (query: Query) => Page, options: { pageSize?: number; mostRequests?: number } = {}): Promise<{ ids: string[]; requests: number }> {
  const ids: string[] = [];
  let requests = 0;
  const read = async (query: Query): Promise<Page> => { requests += 1; return answer(query); };
  for await (const page of readPages({ pageSize: 2, ...options, read })) ids.push(...page.members.map(({ id }) => id));
  return { ids, requests };
}

const list = ['a', 'b', 'c', 'd', 'e'];

it.each<[string, object, number]>([
  ['of one that counts', {}, 3],
  ['of an original, to the empty page', { original: true }, 4],
  ['smaller than asked for', { original: true, most: 1 }, 6],
])('reads all pages %s', async (_what, options, requests) => {
  expect(await readAll(peer(() => list, options))).toEqual({ ids: list, requests });
});

it('asks an empty list once', async () => expect(await readAll(peer(() => []))).toEqual({ ids: [], requests: 1 }));

it('goes back a step when the member at which it stood has gone', async () => {
  let alive = [...list];
  let answered = 0;
  const answer = (query: Query): Page => {
    if (++answered === 2) alive = ['a', 'c', 'd', 'e'];
    return peer(() => alive)(query);
  };
  expect((await readAll(answer)).ids).toEqual(list);
});

it('begins anew when all that it has read are gone', async () => {
  let alive = ['a', 'b', 'x'];
  let answered = 0;
  const answer = (query: Query): Page => {
    if (++answered === 2) alive = ['x', 'y'];
    return peer(() => alive)(query);
  };
  expect((await readAll(answer)).ids).toEqual(['a', 'b', 'x', 'y']);
});

it('ends with a peer that always gives the same page', async () => {
  expect(await readAll(() => ({ members: [{ id: 'a' }], total: 9 }))).toEqual({ ids: ['a', 'a'], requests: 2 });
});

it('ends after so many requests, whatever comes', async () => {
  let next = 0;
  expect(await readAll(() => ({ members: [{ id: `m${next++}` }], total: 1 }), { mostRequests: 7 })).toMatchObject({ requests: 7 });
});

it('passes other errors on, and not-found where nothing was said of a member', async () => {
  await expect(readAll(() => { throw new FogbowError('timeout', 'slow'); })).rejects.toMatchObject({ code: 'timeout' });
  await expect(readAll(() => { throw new FogbowError('not-found', 'odd'); })).rejects.toMatchObject({ code: 'not-found' });
});

it('finds everybody once, whatever the sizes of the pages', async () => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/)), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (ids, pageSize, most, original) => {
    expect((await readAll(peer(() => ids, { most, original }), { pageSize })).ids).toEqual(ids);
  }));
});
