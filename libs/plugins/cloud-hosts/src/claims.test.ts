import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClaims } from './claims.js';

let directory = '';
let marks = 0;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'claims-')); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const open = () => createClaims({ directory, mark: () => `m${(marks += 1)}` });

it('gives a name to the host that was first, whoever asks', () => {
  const [one, other] = [open(), open()];
  expect(one.read('t')).toBeUndefined();
  expect([one.claim('t', 'a'), other.claim('t', 'b'), one.read('t'), other.read('t')]).toEqual(['a', 'a', 'a', 'a']);
});
it('gives it away again when its own host lets go', () => {
  const claims = open();
  claims.claim('t', 'a');
  claims.drop('t', 'b');
  expect(claims.read('t')).toBe('a');
  claims.drop('t', 'a');
  claims.drop('t', 'a');
  expect([claims.read('t'), claims.claim('t', 'b')]).toEqual([undefined, 'b']);
});
it('has one name for life', () => {
  expect(open().knownId()).toBeUndefined();
  const id = open().cloudId();
  expect([open().cloudId(), open().knownId()]).toEqual([id, id]);
});
it('reads no file outside of its folder', () => expect(open().read('../cloud-id')).toBeUndefined());
