import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeEngine } from './fake-engine.js';
import type { FakeEngine } from './fake-engine.js';

const MANAGERS = ['manager-api', 'manager-federation', 'manager-worker'];
let state: string;
let folder: string;
let engine: FakeEngine;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'fogbow-upgrade-'));
  folder = join(state, 'internal');
  cpSync(join(__dirname, '../../deploy/internal/upgrade.sh'), join(folder, 'upgrade.sh'));
  writeFileSync(join(folder, '.env'), 'FOGBOW_UID=1\nFOGBOW_IMAGE=fogbow:old\n');
  engine = createFakeEngine(state, folder);
  for (const service of [...MANAGERS, 'manager-worker', 'rendezvous']) engine.start(service, 'fogbow:old');
});
afterEach(() => rmSync(state, { recursive: true }));

const all = (image: string): string[] => [...MANAGERS, 'manager-worker', 'rendezvous'].map((service) => `${service} ${image}`).sort();
const named = (): string => readFileSync(join(folder, '.env'), 'utf8');
const upgrade = (image: string, at?: Parameters<FakeEngine['run']>[2]) => engine.run('upgrade.sh', [image], at);

test('all are replaced, as many as there were, and the old ones go when all new ones are there', () => {
  expect(upgrade('fogbow:new')).toMatchObject({ status: 0 });
  expect(engine.containers()).toEqual(all('fogbow:new'));
  expect(named()).toBe('FOGBOW_UID=1\nFOGBOW_IMAGE=fogbow:new\n');
  const deeds = engine.asked().filter((line) => /^(compose up|stop)/.test(line)).map((line) => line.split(' ')[0]);
  expect(deeds).toEqual(['compose', 'compose', 'compose', 'compose', 'stop', 'stop', 'stop']);
});

test.each([
  ['does not become well', { image: 'fogbow:bad' }],
  ['fails at the second service', { image: 'fogbow:new', failAt: 'compose up -d --no-deps --no-recreate --scale manager-worker' }],
  ['fails at the last', { image: 'fogbow:new', failAt: 'compose up -d --no-deps rendezvous' }],
])('a version that %s changes nothing', (_what, { image, failAt }: { image: string; failAt?: string }) => {
  expect(upgrade(image, failAt === undefined ? {} : { failAt })).toMatchObject({ status: 1, said: expect.stringContaining('is removed again') });
  expect(engine.containers()).toEqual(all('fogbow:old'));
  expect(named()).toBe('FOGBOW_UID=1\nFOGBOW_IMAGE=fogbow:old\n');
  expect(existsSync(join(folder, '.env.before'))).toBe(false);
  // The new ones end what users asked of them; no old one is told to go.
  const asked = engine.asked();
  const told = (deed: string): string[] => asked.filter((line) => line.startsWith(`${deed} `)).map((line) => line.split(' ').at(-1) ?? '');
  expect(told('stop')).toEqual(told('rm'));
});

test.each([
  ['among the new ones', 'compose up -d --no-deps --no-recreate --scale manager-worker'],
  ['before the Rendezvous', 'compose up -d --no-deps rendezvous'],
  ['among the old ones', 'stop -t 30'],
])('killed %s, another run ends it, with as many as there were', (_where, killAt) => {
  expect(upgrade('fogbow:new', { killAt }).status).toBe(null);
  expect(upgrade('fogbow:new')).toMatchObject({ status: 0 });
  expect(engine.containers()).toEqual(all('fogbow:new'));
  expect(existsSync(join(folder, '.env.before'))).toBe(false);
});

test('killed, and the way back', () => {
  upgrade('fogbow:new', { killAt: 'compose up -d --no-deps rendezvous' });
  expect(upgrade('fogbow:old')).toMatchObject({ status: 0 });
  expect(engine.containers()).toEqual(all('fogbow:old'));
});

test('killed, and it fails at the second try: what the first had begun goes too', () => {
  upgrade('fogbow:new', { killAt: 'compose up -d --no-deps rendezvous' });
  expect(upgrade('fogbow:new', { failAt: 'compose up -d --no-deps rendezvous' }).status).not.toBe(0);
  expect(engine.containers()).toEqual(all('fogbow:old'));
  expect(named()).toContain('FOGBOW_IMAGE=fogbow:old');
});

test('killed, and the way back fails: the old ones stay whatever happens', () => {
  upgrade('fogbow:new', { killAt: 'compose up -d --no-deps rendezvous' });
  upgrade('fogbow:old', { failAt: 'compose up -d --no-deps --no-recreate --scale manager-worker' });
  expect(engine.containers()).toEqual(expect.arrayContaining(all('fogbow:old')));
  expect(named()).toContain('FOGBOW_IMAGE=fogbow:old');
});
