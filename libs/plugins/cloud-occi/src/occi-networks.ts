import { networkFault } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Network, NetworkCloud } from '@fogbow/plugin-contracts';
import type { OcciResource } from './occi-resource.js';
import { faultOf, resourceState } from './occi-states.js';
import { clientTokenOf, nameOf } from './thing-calls.js';
import type { ThingCalls } from './thing-calls.js';

export function createNetworks(things: ThingCalls): NetworkCloud {
  return {
    async create({ clientToken, cidr, gateway, allocation, name }, call) {
      // The endpoint would take an address with bits of a host for its network.
      const fault = networkFault({ cidr, ...(gateway === undefined ? {} : { gateway }) });
      if (fault) throw new FogbowError('cloud-rejected', fault);
      const attributes = { 'occi.network.address': cidr, 'occi.network.allocation': allocation, ...(gateway === undefined ? {} : { 'occi.network.gateway': gateway }) };
      return toNetwork(await things.create({ clientToken, title: name, attributes }, call));
    },
    find: async (clientToken, call) => optional(await things.find(clientToken, call)),
    describe: async (id, call) => optional(await things.describe(id, call)),
    list: async (call) => (await things.list(call)).map(toNetwork),
    remove: (id, call) => things.remove(id, call),
  };
}

const optional = (resource: OcciResource | undefined): Network | undefined => resource && toNetwork(resource);

function toNetwork(resource: OcciResource): Network {
  const { id, title, attributes } = resource;
  const told = (name: string): string | undefined => attributes.get(`occi.network.${name}`) || undefined;
  const [name, gateway, vlan] = [nameOf(title), told('gateway'), told('vlan')];
  return {
    id, clientToken: clientTokenOf(title), cidr: told('address') ?? '', allocation: told('allocation') === 'static' ? 'static' : 'dynamic',
    state: resourceState(resource, told('state')), ...faultOf(resource),
    ...(name ? { name } : {}), ...(gateway ? { gateway } : {}), ...(vlan ? { vlan } : {}),
  };
}
