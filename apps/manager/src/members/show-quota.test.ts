import fc from 'fast-check';
import type { Amount, Quota } from '@fogbow/request-model';
import { NO_LIMIT } from '@fogbow/messaging';
import { fromRemoteQuota, toRemoteQuota } from './show-quota.js';

const count = fc.nat({ max: 1_000_000 });
const amount = (value: fc.Arbitrary<number>): fc.Arbitrary<Amount> => fc.record({ instances: value, vcpu: value, ramMb: value });

test('what a member tells of its quota is what the asker shows, limits that there are not among it', () => {
  fc.assert(fc.property(amount(count), amount(fc.oneof(count, fc.constant(Infinity))), amount(count), (used, more, byUser) => {
    const quota: Quota = { used, limit: { instances: used.instances + more.instances, vcpu: used.vcpu + more.vcpu, ramMb: used.ramMb + more.ramMb } };
    const told = toRemoteQuota('manager.a.test', quota, byUser);
    expect(Object.values(told).every((value) => typeof value === 'string' || Object.values(value).every((number) => Number.isInteger(number) && Number(number) <= NO_LIMIT))).toBe(true);
    expect(fromRemoteQuota(told)).toEqual({ ...quota, usedByCaller: byUser });
  }));
});

test('who uses more than the limit has nothing idle', () => {
  const { cpu } = toRemoteQuota('m', { limit: { instances: 1, vcpu: 1, ramMb: 1 }, used: { instances: 3, vcpu: 3, ramMb: 3 } }, { instances: 0, vcpu: 0, ramMb: 0 });
  expect(cpu).toEqual({ idle: 0, inUse: 3, inUseByUser: 0 });
});
