import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadHostKey } from './host-key.js';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'hostkey-')); });
afterEach(() => rmSync(folder, { recursive: true }));

test('a host key is made once, for its owner only, and kept', () => {
  const file = join(folder, 'deep', 'key');
  const first = loadHostKey(file);
  expect(first.publicLine).toMatch(/^ssh-ed25519 AAAA[A-Za-z0-9+/]+=*$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadHostKey(file)).toEqual(first);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['key']);
});

test('a file that is no key is named, and not overwritten', () => {
  const file = join(folder, 'key');
  writeFileSync(file, 'not a key');
  expect(() => loadHostKey(file)).toThrow(`The host key ${file} cannot be used`);
});
