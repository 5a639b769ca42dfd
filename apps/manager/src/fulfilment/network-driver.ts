import { FogbowError } from '@fogbow/plugin-contracts';
import type { Network, NetworkCloud } from '@fogbow/plugin-contracts';
import type { Resource, ResourceDriver } from './resource-driver.js';

export function createNetworkDriver(networks: NetworkCloud): ResourceDriver {
  return {
    atomicCreate: false,
    async create({ spec }, clientToken, _grounds, call) {
      if (!spec.network) throw new FogbowError('cloud-rejected', 'the order names no range of addresses');
      return toResource(await networks.create({ clientToken, ...spec.network, ...(spec.title ? { name: spec.title } : {}) }, call));
    },
    find: async (clientToken, call) => optional(await networks.find(clientToken, call)),
    describe: async (id, call) => optional(await networks.describe(id, call)),
    list: async (call) => (await networks.list(call)).map(toResource),
    remove: (id, call) => networks.remove(id, call),
  };
}

const optional = (network: Network | undefined): Resource | undefined => network && toResource(network);

function toResource({ id, clientToken, state, fault, gateway, vlan }: Network): Resource {
  return { id, clientToken, state, fault, told: { ...(gateway ? { gateway } : {}), ...(vlan ? { vlan } : {}) } };
}
