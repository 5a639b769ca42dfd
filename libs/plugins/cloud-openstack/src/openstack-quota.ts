import type { CloudCall } from '@fogbow/plugin-contracts';
import type { Amount, Quota } from '@fogbow/request-model';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import type { OpenStackOptions } from './openstack-options.js';

interface Limits { readonly limits: { readonly absolute: Readonly<Record<string, number>> } }
interface NeutronQuota { readonly quota: { readonly network: { readonly limit: number; readonly used: number } } }

/** What Nova, Cinder and Neutron say of the project: one question each, all at once. */
export function createOpenStackQuota(http: OpenStackHttp, { hasVolumes }: Pick<OpenStackOptions, 'hasVolumes'>): (call: CloudCall) => Promise<Quota> {
  return async (call) => {
    const projectId = await http.projectOf(call);
    const [nova, neutron, cinder] = await Promise.all([
      http.ask<Limits>('compute', { method: 'GET', path: '/limits' }, call),
      // Before Ocata Neutron did not tell the use.
      orAbsent(http.ask<NeutronQuota>('network', { method: 'GET', path: `/quotas/${projectId}/details.json` }, call)),
      hasVolumes ? http.ask<Limits>('volume', { method: 'GET', path: '/limits' }, call) : undefined,
    ]);
    return quotaOf(nova.limits.absolute, neutron?.quota.network, cinder?.limits.absolute);
  };
}

/** Pure: -1 means that there is no limit. */
export function quotaOf(nova: Readonly<Record<string, number>>, networks?: { readonly limit: number; readonly used: number }, cinder?: Readonly<Record<string, number>>): Quota {
  const limitOf = (value: number | undefined): number => (value === undefined || value < 0 ? Infinity : value);
  const limit: Amount = {
    instances: limitOf(nova['maxTotalInstances']), vcpu: limitOf(nova['maxTotalCores']), ramMb: limitOf(nova['maxTotalRAMSize']),
    ...(networks ? { networks: limitOf(networks.limit) } : {}),
    ...(cinder ? { volumes: limitOf(cinder['maxTotalVolumes']), volumeGb: limitOf(cinder['maxTotalVolumeGigabytes']) } : {}),
  };
  const used: Amount = {
    instances: nova['totalInstancesUsed'] ?? 0, vcpu: nova['totalCoresUsed'] ?? 0, ramMb: nova['totalRAMUsed'] ?? 0,
    ...(networks ? { networks: networks.used } : {}),
    ...(cinder ? { volumes: cinder['totalVolumesUsed'] ?? 0, volumeGb: cinder['totalGigabytesUsed'] ?? 0 } : {}),
  };
  return { limit, used };
}
