import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBook } from './disk-books.js';

let folder = '';
let marks = 0;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'book-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = () => openBook<{ id: string; clientToken: string; host?: string }>(folder, () => `m${(marks += 1)}`);
const one = { id: 'one-00000001', clientToken: 'one' };

it('keeps the record of whoever was first', () => {
  const [left, right] = [open(), open()];
  expect(left.add(one)).toEqual(one);
  expect(right.add({ ...one, id: 'one-00000002' })).toEqual(one);
  expect([right.named('one'), right.get('one-00000001'), right.get('one-00000002'), right.all()]).toEqual([one, one, undefined, [one]]);
});
it('replaces and forgets', () => {
  const book = open();
  book.add(one);
  book.replace({ ...one, host: 'h' });
  expect(book.get(one.id)).toEqual({ ...one, host: 'h' });
  book.drop(one);
  book.drop(one);
  expect([book.all(), book.named('one')]).toEqual([[], undefined]);
});
it.each(['', '..', '../x', 'a/b', '-00000001'])('knows nothing of %j', (name) => expect([open().named(name), open().get(name)]).toEqual([undefined, undefined]));
