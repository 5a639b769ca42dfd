import { headersFor, pauseAfter, readAnswer } from './plan-download.js';

const url = 'http://images.test/one';

test.each<[string, number, Parameters<typeof headersFor>[2], string[]]>([
  ['nothing is there', 0, undefined, []],
  ['some is there and nothing is known of it', 5, undefined, []],
  ['some is there that can be proved', 5, { url, etag: '"a"' }, ['Range', 'If-Range']],
  ['some is there of a certain time', 5, { url, lastModified: 'Mon, 01 Jan 2026 00:00:00 GMT' }, ['Range', 'If-Range']],
  ['some is there that had no validator', 5, { url }, []],
  ['some is there from another address', 5, { url: 'http://other', etag: '"a"' }, []],
])('where %s it asks for the rest only if that is of the same file', (_name, have, record, names) =>
  expect(Object.keys(headersFor(url, have, record)).filter((name) => name !== 'Accept-Encoding')).toEqual(names));

const answer = (status: number, headers: Record<string, string> = {}) => ({ status, header: (name: string) => headers[name] ?? null });

test.each<[string, ReturnType<typeof answer>, number, object]>([
  ['all', answer(200, { 'content-length': '10', etag: '"a"' }), 5, { kind: 'read', from: 0, total: 10, record: { etag: '"a"' } }],
  ['all of unknown length', answer(200), 0, { kind: 'read', from: 0, record: {} }],
  ['the rest', answer(206, { 'content-range': 'bytes 5-9/10' }), 5, { kind: 'read', from: 5, total: 10 }],
  ['another rest', answer(206, { 'content-range': 'bytes 4-9/10' }), 5, { kind: 'anew' }],
  ['no range', answer(206), 5, { kind: 'anew' }],
  ['more than there is', answer(416), 5, { kind: 'anew' }],
  ['nonsense', answer(416), 0, { kind: 'refused', isPassing: false }],
  ['nothing', answer(404), 0, { kind: 'refused', isPassing: false }],
  ['a fault', answer(503), 5, { kind: 'refused', isPassing: true }],
  ['too many', answer(429), 5, { kind: 'refused', isPassing: true }],
  ['packed', answer(200, { 'content-encoding': 'gzip' }), 0, { kind: 'refused', isPassing: false }],
])('an answer with %s', (_name, given, have, expected) => expect(readAnswer(given, have)).toMatchObject(expected));

test('a weak entity tag proves nothing', () => expect(readAnswer(answer(200, { etag: 'W/"a"' }), 0)).toMatchObject({ record: {} }));
test('it waits longer from try to try, and gives up', () => expect([1, 2, 5, 6].map(pauseAfter)).toEqual([500, 1000, 8000, undefined]));
