import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { openPluginFolder } from './installed-plugins.js';
import { createPlugin } from './plugins.js';
import { eventually, startManager } from './testing/start-manager.js';

const EXAMPLE = 'fogbow-cloud-shelf';
const folder = mkdtempSync(join(tmpdir(), 'plugins of an operator '));
const install = (name: string, code: string): void => {
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
  writeFileSync(join(target, 'index.js'), code);
};
// As npm installs it: a copy outside the repository.
cpSync(join(__dirname, '..', '..', '..', 'examples', 'plugins', EXAMPLE), join(folder, 'node_modules', EXAMPLE), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const host = { memberId: 'a.test', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const shelf = (places: number): (() => Promise<CloudUnderTest>) => () => Promise.resolve({
  plugin: createPlugin('cloud', { 'plugins.folder': folder, 'cloud.plugin': EXAMPLE, 'cloud.settings': { places } }, host), credentials: {},
  ...(places > 1 ? { full: shelf(1) } : {}), dispose: () => Promise.resolve(),
});

computeCloudSuite('the example of a plugin outside the tree', shelf(2), { skips: { 'I1-wrong': 'it takes any credentials' } });

test('a Manager runs on a package of the operator', async () => {
  const manager = await startManager({ 'plugins.folder': folder, 'cloud.plugin': EXAMPLE, 'cloud.settings': { places: 1 } });
  try {
    const client = manager.client();
    await client.post('/v1/orders', { count: 2, flavor: 'small' });
    const states = async (): Promise<string[]> => (await client.get<{ orders: { state: string; instanceId?: string }[] }>('/v1/orders')).data.orders.map(({ state, instanceId = '' }) => `${state} ${instanceId.split('@')[0]}`).sort();
    expect(await eventually(states, (seen) => seen.some((state) => state.startsWith('fulfilled')))).toEqual(['fulfilled shelf-1', 'open ']);
  } finally {
    await manager.stop();
  }
}, 30_000);

test.each([
  ['no-export', 'exports.other = 1;', 'does not export fogbowPlugin.'],
  ['other-contract', "exports.fogbowPlugin = { contract: 2, family: 'cloud', name: 'x', settings: {}, create: () => ({}) };", 'is written for version 2 of the contracts; this Fogbow has version 1.'],
  ['other-family', "exports.fogbowPlugin = { contract: 1, family: 'picker', name: 'x', settings: {}, create: () => ({}) };", 'is a plugin for picker, not for cloud.'],
  ['half', "exports.fogbowPlugin = { contract: 1, family: 'cloud', name: 'x' };", 'lacks one of name, settings and create.'],
  ['broken', "throw new Error('no disk');", 'cannot be loaded: no disk'],
])('the package %s is none, and says so', (name, code, fault) => {
  install(name, code);
  expect(openPluginFolder(folder).find(name, 'cloud')).toBe(fault);
});

test('what is not installed is not known', () => expect(openPluginFolder(folder).find('nothing', 'cloud')).toBeUndefined());

test('a code that is not in the catalogue is a fault of the plugin, and an error all the same', () => {
  install('odd', "exports.fogbowPlugin = { contract: 1, family: 'cloud', name: 'odd', settings: {}, create: (_settings, host) => ({ seen: host.error('teapot', 'short') }) };");
  const plugin = createPlugin('cloud', { 'plugins.folder': folder, 'cloud.plugin': 'odd', 'cloud.settings': {} }, host) as CloudPlugin & { readonly seen: unknown };
  expect(plugin.seen).toMatchObject({ code: 'internal', message: 'teapot is no code of the catalogue: short' });
});
