import fc from 'fast-check';
import { sha256 } from '../testing/tunnel-fixture.js';
import { secretMatches } from './secret-matches.js';

test('only the very secret matches', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (secret, other) => {
    expect(secretMatches(secret, sha256(secret))).toBe(true);
    expect(secretMatches(other, sha256(secret))).toBe(other === secret);
  }));
});

test('nobody logs in without a grant, not even with the secret behind the stand-in hash', () => {
  expect(secretMatches('', undefined)).toBe(false);
});
