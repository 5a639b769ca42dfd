import { chooseConnection, normalUrl } from './choose-connection.js';
import type { ConnectionWishes } from './choose-connection.js';
import type { Profiles } from './profile.js';

const known: Profiles = { current: 'home', profiles: { home: { url: 'http://home:8182', token: 'h' }, work: { url: 'https://work', token: 'w' } } };

test.each<[string, ConnectionWishes, string, string | undefined]>([
  ['the current profile', {}, 'http://home:8182', 'h'],
  ['a named profile', { profileName: 'work' }, 'https://work', 'w'],
  ['an address of its own: no token of a profile goes there', { url: 'http://evil:8182' }, 'http://evil:8182', undefined],
  ['nor with the profile named', { url: 'http://evil:8182', profileName: 'work' }, 'http://evil:8182', undefined],
  ['another port is another Manager', { url: 'http://home:8183' }, 'http://home:8183', undefined],
  ['the same address again', { url: 'HOME:8182/' }, 'http://home:8182', 'h'],
  ['a token of its own', { token: 't' }, 'http://home:8182', 't'],
])('%s', (_name, wishes, url, token) => {
  const choice = chooseConnection(wishes, known);
  expect([choice.url, choice.token]).toEqual([url, token]);
});

test('without profiles: the address of the original', () => {
  expect(chooseConnection({}, { profiles: {} })).toEqual({ url: 'http://localhost:8182' });
});

test.each(['x', 'constructor', '__proto__'])('a profile that is not there is named, with those that are: %s', (profileName) => {
  expect(() => chooseConnection({ profileName }, known)).toThrow(expect.objectContaining({ exitCode: 2, advice: 'There are: home, work' }));
});

test.each([['manager:8182', 'http://manager:8182'], ['https://m/api/', 'https://m/api'], ['http://[::1]:8182', 'http://[::1]:8182']])('%s is the address %s', (given, url) => {
  expect(normalUrl(given)).toBe(url);
});

test.each(['ftp://m', 'http://', 'http://user:secret@m', 'http://m?x=1', '', 'a b'])('"%s" is no address', (given) => {
  expect(() => normalUrl(given)).toThrow('is not the address of a Manager');
});
