import { NOTHING, ONE_NETWORK, oneOf, oneVolume, plus, shortages } from './quota.js';
import type { Amount } from './quota.js';

const machine = oneOf({ vcpu: 2, ramMb: 100 });

it('adds what both count and leaves absent what neither does', () => {
  expect(plus(machine, machine)).toStrictEqual({ instances: 2, vcpu: 4, ramMb: 200 });
  expect(plus(plus(machine, oneVolume(7)), ONE_NETWORK)).toStrictEqual({ instances: 1, vcpu: 2, ramMb: 100, volumes: 1, volumeGb: 7, networks: 1 });
});

it.each<[string, Partial<Amount>, Partial<Amount>, Amount, string[]]>([
  ['room is left', {}, {}, machine, []],
  ['machines are used up', { instances: 3 }, { instances: 3 }, machine, ['instances']],
  ['machines are used up, and a volume is wanted', { instances: 3 }, { instances: 3 }, oneVolume(1), []],
  ['a cloud does not count volumes', {}, {}, oneVolume(1e6), []],
  ['volumes have a limit', { volumes: 1, volumeGb: 10 }, { volumes: 1, volumeGb: 5 }, oneVolume(6), ['volumes', 'volumeGb']],
  ['nothing of a limited kind is used yet', { volumeGb: 10 }, {}, oneVolume(10), []],
  ['networks have a limit', { networks: 0 }, {}, ONE_NETWORK, ['networks']],
])('finds the shortages where %s', (_name, limit, used, wanted, expected) => {
  const boundless = { instances: Infinity, vcpu: Infinity, ramMb: Infinity };
  expect(shortages({ limit: { ...boundless, ...limit }, used: { ...NOTHING, ...used } }, wanted)).toEqual(expected);
});
