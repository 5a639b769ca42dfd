import { settingsFaults } from '../read-settings.js';
import { TUNNEL_SETTINGS } from '../settings.js';
import { readWebConfig } from './web-config.js';

const values = (changes: Record<string, unknown>): Record<string, unknown> =>
  ({ ...Object.fromEntries(Object.entries(TUNNEL_SETTINGS).map(([name, row]) => [name, 'default' in row ? row.default : undefined])), publicHost: 'p', dialHost: 'd', 'web.port': 443, ...changes });

test.each([
  ['TLS', { 'web.certificates': '/c' }, []],
  ['plain HTTP for the world', {}, ['web.port would be open to the world without TLS: set web.certificates, or web.plain where a proxy speaks TLS.']],
  ['plain HTTP, asked for', { 'web.plain': true }, []],
  ['plain HTTP on the loopback', { 'web.host': '127.0.0.1' }, []],
  ['no web port at all', { 'web.port': undefined }, []],
  ['a port that users have', { 'web.port': 20_001, 'web.plain': true }, ['web.port (20001) lies among the public ports.']],
  ['what is no domain', { 'web.plain': true, 'web.domain': '*.t.example' }, ['web.domain (*.t.example) is no domain.']],
  ['a domain that leaves no room for a name', { 'web.plain': true, 'web.domain': 'x'.repeat(200) }, [`web.domain (${'x'.repeat(200)}) is no domain.`]],
])('%s', (_what, changes, faults) => expect(settingsFaults(values(changes))).toEqual(faults));

test('names are compared in lower case, and an address ends in no slash', () =>
  expect(readWebConfig(values({ 'web.domain': 'T.Example', 'web.url': 'https://t.example/' })).web).toMatchObject({ domain: 't.example', url: 'https://t.example' }));
