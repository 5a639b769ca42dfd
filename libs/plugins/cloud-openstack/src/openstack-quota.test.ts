import { quotaOf } from './openstack-quota.js';

it('reads what the three services say; -1 is no limit', () => {
  const nova = { maxTotalInstances: 10, maxTotalCores: -1, maxTotalRAMSize: 51_200, totalInstancesUsed: 2, totalCoresUsed: 3, totalRAMUsed: 1024 };
  expect(quotaOf(nova, { limit: 100, used: 1 }, { maxTotalVolumes: 5, maxTotalVolumeGigabytes: -1, totalVolumesUsed: 1, totalGigabytesUsed: 7 })).toEqual({
    limit: { instances: 10, vcpu: Infinity, ramMb: 51_200, networks: 100, volumes: 5, volumeGb: Infinity },
    used: { instances: 2, vcpu: 3, ramMb: 1024, networks: 1, volumes: 1, volumeGb: 7 },
  });
  expect(quotaOf(nova).used).toEqual({ instances: 2, vcpu: 3, ramMb: 1024 });
  expect(quotaOf(nova, { limit: -1, used: 0 }).limit).toEqual({ instances: 10, vcpu: Infinity, ramMb: 51_200, networks: Infinity });
});
