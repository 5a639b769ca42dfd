import fc from 'fast-check';
import { chooseHosts, NO_USE, shortInAll } from './choose-host.js';
import type { HostRoom } from './choose-host.js';

const room = (name: string, ramMb: number, usedMb = 0, machines = 9): HostRoom => ({ name, capacity: { machines, vcpu: 8, ramMb, diskGb: 100 }, used: { ...NO_USE, ramMb: usedMb } });
const size = { vcpu: 1, ramMb: 512, diskGb: 1 };
const names = (rooms: readonly HostRoom[]): string[] => chooseHosts(rooms, size).map(({ name }) => name);

it('takes the most free memory first, not the largest host', () => expect(names([room('a', 4096, 3000), room('b', 2048), room('c', 2048)])).toEqual(['b', 'c', 'a']));
it('passes over hosts without room', () => expect(names([room('a', 511), room('b', 1024, 513), room('c', 4096, 0, 0), room('d', 512)])).toEqual(['d']));
it('says what all together lack', () => expect(shortInAll([room('a', 256), room('b', 200)], size)).toEqual(['ramMb']));
it('says nothing where only no single host has room', () => expect(shortInAll([room('a', 400), room('b', 400)], size)).toEqual([]));
it('counts a part of a processor as a whole one', () => {
  const one: HostRoom = { name: 'a', capacity: { machines: 2, vcpu: 1, ramMb: 1024, diskGb: 9 }, used: { machines: 1, vcpu: 1, ramMb: 1, diskGb: 1 } };
  expect(chooseHosts([one], { ...size, vcpu: 0.1 })).toEqual([]);
});

const amount = fc.nat(4096);
const anyRoom = fc.record({ name: fc.constantFrom('a', 'b', 'c'), ramMb: amount, used: amount }).map(({ name, ramMb, used }) => room(name, ramMb, used));
it('never takes a host beyond its capacity, and lacks something where there is no host', () => fc.assert(fc.property(fc.array(anyRoom, { maxLength: 5 }), fc.integer({ min: 1, max: 4096 }), (rooms, ramMb) => {
  const chosen = chooseHosts(rooms, { ...size, ramMb });
  for (const { capacity, used } of chosen) expect(used.ramMb + ramMb).toBeLessThanOrEqual(capacity.ramMb);
  if (shortInAll(rooms, { ...size, ramMb }).length > 0 && rooms.every(({ capacity, used }) => used.ramMb <= capacity.ramMb)) expect(chosen).toEqual([]);
})));
