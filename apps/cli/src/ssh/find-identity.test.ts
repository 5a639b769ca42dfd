import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '../config/places.js';
import { defaultPublicKey, findIdentity, rememberKey } from './find-identity.js';

const home = mkdtempSync(join(tmpdir(), 'fogbow-keys-'));
const places = placesOf({ env: {}, home, version: '' });
afterAll(() => rmSync(home, { recursive: true }));

test('the private key beside the public key of the order, by what it is and not by its comment', () => {
  expect(findIdentity('ssh-ed25519 AAAA me', places)).toBeUndefined();
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'id_rsa.pub'), 'ssh-rsa BBBB me@here\n');
  writeFileSync(join(home, '.ssh', 'id_rsa'), 'secret');
  expect(findIdentity('ssh-rsa BBBB other@there', places)).toBe(join(home, '.ssh', 'id_rsa'));
  expect(findIdentity('ssh-rsa CCCC', places)).toBeUndefined();
  expect(findIdentity(undefined, places)).toBeUndefined();
});

test('a key that was used from elsewhere is remembered; where only its public half is here, the agent is asked', () => {
  const file = join(home, 'work.pub');
  writeFileSync(file, 'ssh-ed25519 DDDD');
  rememberKey(file, places);
  rememberKey(file, places);
  expect(findIdentity('ssh-ed25519 DDDD x', places)).toBe(file);
});

test('the default is the key that ssh would offer first', () => {
  expect(defaultPublicKey(places)).toBe(join(home, '.ssh', 'id_rsa.pub'));
  writeFileSync(join(home, '.ssh', 'id_ed25519.pub'), 'ssh-ed25519 EEEE');
  expect(defaultPublicKey(places)).toBe(join(home, '.ssh', 'id_ed25519.pub'));
});
