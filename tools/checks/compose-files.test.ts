import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface ComposeFile {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks?: object;
}
const compose = (path: string, text = read(`deploy/${path}`)): ComposeFile => parse(text, { merge: true }) as ComposeFile;

const [internal, external, second] = [compose('internal/compose.yml'), compose('external/compose.yml'), compose('external/second-tunnel.yml')];
const both = compose('all-in-one/compose.yml');
const FILES = ['internal/compose.yml', 'external/compose.yml', 'external/second-tunnel.yml', 'all-in-one/compose.yml'];

/** As they stand in a file of one host: the same names, from that host's folder. */
const asOfHost = (host: string, value: unknown): unknown => parse(JSON.stringify(value).replaceAll(`./${host}/`, './').replaceAll(`"./${host}:`, '".:'));

describe('on one host', () => {
  const { 'tunnel-redis': redis, prosody, 'reverse-tunnel': tunnel, ...inside } = both.services;

  test('the services of the internal host are the same', () => expect(asOfHost('internal', inside)).toEqual(internal.services));

  test('so are those of the external one, but that there are two Redis', () => {
    const { doctor: _own, ...outside } = external.services;
    const told = { prosody, redis, 'reverse-tunnel': { ...tunnel, depends_on: { redis: (tunnel?.['depends_on'] as Record<string, unknown>)['tunnel-redis'] }, secrets: ['tunnel-redis-url'] } };
    expect(tunnel?.['secrets']).toEqual([{ source: 'tunnel-own-redis-url', target: 'tunnel-redis-url' }]);
    expect(asOfHost('external', told)).toEqual(outside);
  });

  test('and the secrets and the network', () => {
    const { 'redis-keeper': keeper, 'tunnel-own-redis-url': url, ...secrets } = both.secrets;
    expect(asOfHost('internal', secrets)).toEqual(internal.secrets);
    expect(asOfHost('external', { 'redis-keeper': keeper, 'tunnel-redis-url': url })).toEqual(external.secrets);
    expect([internal.networks, external.networks]).toEqual([both.networks, both.networks]);
  });
});

test('a second tunnel is as the first, but for what says where its Redis is', () => {
  const { depends_on: _redis, ...first } = external.services['reverse-tunnel'] ?? {};
  const { environment, user, ...other } = second.services['reverse-tunnel'] ?? {};
  expect({ ...other, environment: { ...environment as object, NODE_EXTRA_CA_CERTS: undefined }, user: String(user).replaceAll('set it in .env', 'run fogbow-setup first') }).toEqual({ ...first });
  expect(second.secrets).toEqual({ 'tunnel-redis-url': external.secrets['tunnel-redis-url'] });
});

test.each(FILES)('%s runs this version where nothing else is named', (path) => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const tags = [...read(`deploy/${path}`).matchAll(/FOGBOW_IMAGE:-([^}]+)\}/g)].map((match) => match[1]);
  expect(new Set(tags)).toEqual(new Set([`fogbow:${version}`]));
});
