import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCredentials } from './read-credentials.js';

const folder = mkdtempSync(join(tmpdir(), 'credentials '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('values stand there, or in files', () => {
  writeFileSync(join(folder, 'password'), 'secret\n');
  expect(readCredentials({ username: 'fogbow', port: 5, passwordFile: join(folder, 'password') }, 'c')).toEqual({ credentials: { username: 'fogbow', port: '5', password: 'secret' }, faults: [] });
});

test.each([
  ['text', ['c must be a map of names and values.']],
  [['a'], ['c must be a map of names and values.']],
  [{ user: { name: 'x' } }, ['c.user must be a text.']],
  [{ passwordFile: '/nowhere/at/all' }, [expect.stringContaining('c.passwordFile cannot be read: ')]],
])('%j is a fault', (given, faults) => expect(readCredentials(given, 'c').faults).toEqual(faults));
