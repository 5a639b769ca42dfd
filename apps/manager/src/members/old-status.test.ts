import { oldStatus } from './old-status.js';

const used = { instances: 2, vcpu: 4, ramMb: 1024 };

it('says what is idle and what is in use', () => {
  expect(oldStatus({ limit: { instances: 10, vcpu: 8, ramMb: 512 }, used })).toEqual({
    cpuIdle: '4', cpuInUse: '4', memIdle: '0', memInUse: '1024', instancesIdle: '8', instancesInUse: '2',
  });
});

it('names a number where there is no limit', () => expect(oldStatus({ limit: { instances: Infinity, vcpu: 8, ramMb: 512 }, used })).toMatchObject({ instancesIdle: '2147483647' }));
