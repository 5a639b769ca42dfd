import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClouds } from './read-clouds.js';

const folder = mkdtempSync(join(tmpdir(), 'clouds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('credentials in files are read anew for each token, and one that cannot be read is told by its key', () => {
  const file = join(folder, 'password');
  writeFileSync(file, 'old\n');
  const [first, second] = readClouds({
    'cloud.name': 'main', 'cloud.plugin': 'p', 'cloud.credentials': { passwordFile: file }, 'cloud.accounts': {},
    'cloud.more': { lab: { plugin: 'q', accounts: { alice: { tokenFile: join(folder, 'none') } } } },
  });
  expect(first?.accounts.get('default')?.()).toEqual({ password: 'old' });
  writeFileSync(file, 'new\n');
  expect(first?.accounts.get('default')?.()).toEqual({ password: 'new' });
  expect(second?.accounts.get('default')?.()).toEqual({});
  expect(() => second?.accounts.get('alice')?.()).toThrow(expect.objectContaining({ code: 'cloud-unauthorized', message: expect.stringMatching(/^cloud\.more\.lab\.accounts\.alice\.tokenFile cannot be read: /) as string }));
});
