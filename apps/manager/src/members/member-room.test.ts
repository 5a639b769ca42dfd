import fc from 'fast-check';
import { roomOf, statusOf } from './member-room.js';

const used = { instances: 2, vcpu: 4, ramMb: 1024 };

it('says what is idle and what is in use', () => {
  expect(statusOf({ limit: { instances: 10, vcpu: 8, ramMb: 512 }, used })).toEqual({
    cpuIdle: '4', cpuInUse: '4', memIdle: '0', memInUse: '1024', instancesIdle: '8', instancesInUse: '2',
  });
});

it('names a number where there is no limit', () => expect(statusOf({ limit: { instances: Infinity, vcpu: 8, ramMb: 512 }, used })).toMatchObject({ instancesIdle: '2147483647' }));

it('reads what it writes', () => {
  const amount = fc.record({ instances: fc.nat(), vcpu: fc.nat(), ramMb: fc.nat() });
  fc.assert(fc.property(amount, (limit) => expect(roomOf(statusOf({ limit, used: { instances: 0, vcpu: 0, ramMb: 0 } }))).toEqual(limit)));
});

it.each([{}, { instancesIdle: '1', cpuIdle: '1' }, { instancesIdle: '1', cpuIdle: 'many', memIdle: '1' }, { instancesIdle: '-1', cpuIdle: '1', memIdle: '1' }, { instancesIdle: '1', cpuIdle: '9'.repeat(30), memIdle: '1' }])(
  'takes %j for nothing', (status) => expect(roomOf(status)).toBeUndefined());
