import fc from 'fast-check';
import { checkProfileName, parseProfiles, renderProfiles, withoutProfile, withProfile } from './profile.js';
import type { Profile } from './profile.js';

test('what is written is read again', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/).filter((text) => text !== '__proto__');
  const profile = fc.record<Profile>({ url: fc.string(), token: fc.string({ minLength: 1 }) }, { requiredKeys: ['url'] });
  fc.assert(fc.property(fc.dictionary(name, profile, { noNullPrototype: true }), (profiles) => {
    expect(parseProfiles(renderProfiles({ profiles }), 'f')).toEqual({ profiles });
  }));
});

test.each([
  ['not YAML: [', 'f cannot be used'], ['- 1', 'it is not a mapping'], ['profiles: 3', '"profiles" is not a mapping'], ['current: 3', '"current" is not a text'],
  ['profiles: {a: {}}', 'profile a: "url" is missing'], ['profiles: {a: {url: x, token: 3}}', 'profile a: "token" is not a text'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseProfiles(text, 'f')).toThrow(message);
});

test('an empty file has no profiles', () => {
  expect(parseProfiles('', 'f')).toEqual({ profiles: {} });
});

test('the newest is the current one; removing it leaves none current', () => {
  const two = withProfile(withProfile({ profiles: {} }, 'a', { url: 'http://a' }), 'b', { url: 'http://b' });
  expect(two.current).toBe('b');
  expect(withoutProfile(two, 'b')).toEqual({ profiles: { a: { url: 'http://a' } } });
  expect(withoutProfile(two, 'a').current).toBe('b');
});

test('names are plain', () => {
  expect(checkProfileName('work-2.x')).toBe('work-2.x');
  expect(() => checkProfileName('../x')).toThrow('cannot name a profile');
});
