import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { utils } from 'ssh2';
import { deriveSshKey } from './ssh-key.js';

const folder = mkdtempSync(join(tmpdir(), 'key-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secret = Buffer.alloc(32, 7);

test('OpenSSH reads the private half and finds the public one in it', () => {
  const key = deriveSshKey(secret, 'a name');
  const file = join(folder, 'key');
  writeFileSync(file, key.privateKey, { mode: 0o600 });
  const { stdout, status } = spawnSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' });
  expect([status, stdout.trim()]).toEqual([0, key.publicKey]);
});

test('ssh2 reads every one of them, and each signs for its public half', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.string(), (bytes, name) => {
    const { privateKey, publicKey } = deriveSshKey(Buffer.from(bytes), name);
    const [own, shown] = [utils.parseKey(privateKey), utils.parseKey(publicKey)].map((key) => [key].flat()[0]);
    if (!own || !shown || own instanceof Error || shown instanceof Error) throw new Error(`cannot be read: ${String(own)} ${String(shown)}`);
    expect(own.getPublicSSH()).toEqual(shown.getPublicSSH());
    expect(shown.verify(Buffer.from('said'), own.sign(Buffer.from('said')) as Buffer)).toBe(true);
  }));
});

test('it follows from the secret and the name alone, and from both', () => {
  expect(deriveSshKey(secret, 'a')).toEqual(deriveSshKey(Buffer.from(secret), 'a'));
  expect(new Set([deriveSshKey(secret, 'a'), deriveSshKey(secret, 'b'), deriveSshKey(Buffer.alloc(32, 8), 'a')].map(({ publicKey }) => publicKey)).size).toBe(3);
});
