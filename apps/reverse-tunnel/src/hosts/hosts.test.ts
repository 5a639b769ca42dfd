import { newId, silentLogger, systemClock } from '@fogbow/service-runtime';
import { connectRedis } from '@fogbow/queues';
import { createForeignPorts } from './foreign-ports.js';
import { ALIVE_MS, endpointsOf, FORGOTTEN_MS, isOpenElsewhere, readHostWord } from './host-list.js';
import type { HostWord } from './host-list.js';
import { joinHosts } from './host-register.js';
import { createPoolClock } from './pool-clock.js';

const endpoint = (dialHost: string) => ({ dialHost, dialPort: 2222, publicHost: `public.${dialHost}`, hostKey: `ssh-ed25519 ${dialHost}` });
const NOW = 1_800_000_000_000;
const word = (dialHost: string, silentMs = 0, more: Partial<HostWord> = {}): HostWord => ({ endpoint: endpoint(dialHost), ports: { from: 10, to: 20 }, foreign: [], sessions: 0, at: NOW - silentMs, ...more });

test('machines are told our own host, those that are alive, and those that may come back', () => {
  const hosts = [word('d', ALIVE_MS + 1), word('b'), word('own'), word('c'), word('gone', FORGOTTEN_MS + 1)];
  expect(endpointsOf(endpoint('own'), hosts, NOW)).toEqual({ endpoints: ['own', 'b', 'c', 'd'].map(endpoint), alive: 3 });
  expect(endpointsOf(endpoint('own'), [], NOW)).toEqual({ endpoints: [endpoint('own')], alive: 1 });
});

test('a port is given that every living host can open', () => {
  const hosts = [word('own', 0, { foreign: [10] }), word('b', 0, { foreign: [11, 12] }), word('c', 0, { ports: { from: 10, to: 14 } }), word('dead', ALIVE_MS + 1, { foreign: [13] })];
  expect([10, 11, 12, 13, 14, 15].filter(isOpenElsewhere(endpoint('own'), hosts, NOW))).toEqual([10, 13, 14]);
});

test.each([['no JSON', '{'], ['nothing', 'null'], ['no key', JSON.stringify({ ...word('a'), endpoint: { dialHost: 'a', dialPort: 1, publicHost: 'p' } })], ['a text for a time', JSON.stringify({ ...word('a'), at: 'now' })]])('a word that is %s is none', (_what, text) =>
  expect(readHostWord(text)).toBeUndefined());
test('a word is read as it was written', () => expect(readHostWord(JSON.stringify(word('a')))).toEqual(word('a')));

test('ports of other programs are found in turn, and forgotten when they are free', async () => {
  const bound = new Set([12, 15, 16]);
  const foreign = createForeignPorts({ range: { from: 10, to: 20 }, isHeld: (port) => port === 15, canBind: (port) => Promise.resolve(!bound.has(port)) });
  await foreign.look();
  expect(foreign.list()).toEqual([12, 16]);
  bound.delete(12);
  await foreign.look();
  expect(foreign.list()).toEqual([16]);
});

test('the clock of Redis goes on by our own, from the middle of the way to it', () => {
  let uptime = 5000;
  const clock = createPoolClock({ now: () => new Date(77), uptime: () => uptime });
  expect(clock.now()).toBe(77);
  uptime = 5100;
  clock.heard(1_000_000, 5000);
  expect(clock.now()).toBe(1_000_050);
  uptime = 6100;
  expect(clock.now()).toBe(1_001_050);
  clock.heard(1_005_000, 1100);
  expect(clock.now()).toBe(1_001_050);
  uptime = 66_000;
  clock.heard(1_070_000, 61_000);
  expect(clock.now()).toBe(1_072_500);
});

test('hosts of one tunnel find each other', async () => {
  const redis = connectRedis(process.env['TEST_REDIS_URL'] ?? '', 'producer', () => undefined);
  await new Promise((resolve) => { redis.once('ready', resolve); });
  const prefix = `test-${newId()}`;
  const join = (dialHost: string): ReturnType<typeof joinHosts> => joinHosts({
    redis, prefix, own: { endpoint: endpoint(dialHost), ports: { from: 10, to: 20 }, sessions: () => 7 }, foreign: { look: () => Promise.resolve(), list: () => [] },
    poolClock: createPoolClock(systemClock), clock: systemClock, log: silentLogger,
  });
  await redis.hset(`${prefix}:hosts`, 'broken', '{');
  const [one, other] = [await join('one'), await join('other')];
  expect(other.endpoints()).toEqual({ endpoints: [endpoint('other'), endpoint('one')], alive: 2 });
  expect(other.list()).toMatchObject([{ dial: 'one:2222', publicHost: 'public.one', isAlive: true, sessions: 7 }, { dial: 'other:2222' }]);
  expect(await redis.hkeys(`${prefix}:hosts`)).toHaveLength(2);
  await Promise.all([one.stop(), other.stop()]);
  await redis.del(`${prefix}:hosts`);
  redis.disconnect();
});
