import { keyOf, readImageSources, shownSource } from './image-source.js';

const sha256 = 'A'.repeat(64);

test('sources are addresses and paths, with a checksum or without', () => {
  const { sources, faults } = readImageSources({ web: { url: 'https://images.test/a.qcow2', sha256 }, disk: '/images/b.raw', short: 'http://images.test/c' }, 'images');
  expect(faults).toEqual([]);
  expect([...sources]).toEqual([
    ['web', { url: 'https://images.test/a.qcow2', checksum: { algorithm: 'sha256', hex: 'a'.repeat(64) } }], ['disk', { file: '/images/b.raw' }], ['short', { url: 'http://images.test/c' }],
  ]);
});

test.each<[unknown, RegExp]>([
  [{}, /must name one of url and file/], [{ url: 'https://a', file: '/b' }, /must name one of url and file/], ['relative/path', /absolute path/], [{ url: 'ftp://a' }, /http:\/\/ or https/],
  [{ url: 'https://a', sha256: 'abc' }, /64 characters/], [{ url: 'https://a', sha512: sha256 }, /128 characters/], [{ url: 'https://a', sha256, sha512: sha256.repeat(2) }, /one of sha256 and sha512/],
  [{ url: 'https://a', md5: 'x' }, /images\.one\.md5 is not known/], [7, /must be a map/], [null, /must be a map/],
])('%j is a fault', (given, words) => expect(readImageSources({ one: given }, 'images').faults.join(' ')).toMatch(words));

test('another checksum is another image, and a token in an address is not shown', () => {
  const url = 'https://user:pass@images.test/a?token=x';
  expect(keyOf({ url })).not.toBe(keyOf({ url, checksum: { algorithm: 'sha256', hex: sha256 } }));
  expect(shownSource({ url })).toBe('https://images.test/a');
});
