import { networkFault } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, KeyedTurns, Network, NetworkCloud, NetworkRequest } from '@fogbow/plugin-contracts';
import type { NeutronNames } from './neutron-names.js';
import { networkBody, networkOf, subnetBody } from './neutron-network.js';
import type { NeutronNetwork, NeutronSubnet } from './neutron-network.js';
import type { NeutronPort } from './neutron-ports.js';
import { createNeutronRouters } from './neutron-routers.js';
import type { NeutronRouters } from './neutron-routers.js';
import { orAbsent, recoded } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import type { OpenStackOptions } from './openstack-options.js';
import { isOurName, requireClientToken } from './our-names.js';

export interface NeutronParts {
  readonly http: OpenStackHttp;
  readonly names: NeutronNames;
  readonly turns: KeyedTurns;
  /** Has Nova a machine of this client token? A port that is bound to none may wait for one. */
  hasMachine(clientToken: string, call: CloudCall): Promise<boolean>;
}

interface Parts extends NeutronParts {
  readonly options: OpenStackOptions;
  readonly routers: NeutronRouters;
}

/**
 * Private networks of Neutron: a network with one range, and a router where the site has a way out for them. All three have the
 * client token as their name, so a create that broke off is finished by the next one, step by step.
 */
export function createNeutronNetworks(options: OpenStackOptions, given: NeutronParts): NetworkCloud {
  const { http, turns } = given;
  const parts: Parts = { ...given, options, routers: createNeutronRouters(http) };
  const describe = async (id: string, call: CloudCall): Promise<Network | undefined> => {
    const found = (await orAbsent(http.ask<{ network: NeutronNetwork }>('network', { method: 'GET', path: `/networks/${encodeURIComponent(id)}` }, call)))?.network;
    if (!found || !isOurName(found.name)) return undefined;
    const [subnet] = await subnetsOf(http, found.id, call);
    return subnet && networkOf(found, subnet);
  };
  return {
    create: (request, call) => turns(request.clientToken, () => createNetwork(parts, request, call)),
    async find(clientToken, call) {
      const [first] = await named(http, clientToken, call);
      if (!first) return undefined;
      const [subnet] = await subnetsOf(http, first.id, call);
      // Also one in the making has to be found, or nobody would remove it.
      return networkOf(first, subnet ?? { id: '', network_id: first.id, cidr: '', gateway_ip: null, enable_dhcp: false });
    },
    describe,
    async list(call) {
      const [networks, subnets] = await Promise.all([
        http.list<NeutronNetwork>('network', { path: '/networks', key: 'networks', query: { 'router:external': 'false', shared: 'false' } }, call),
        http.list<NeutronSubnet>('network', { path: '/subnets', key: 'subnets' }, call),
      ]);
      const byNetwork = new Map(subnets.map((subnet) => [subnet.network_id, subnet]));
      return networks.filter(({ name }) => isOurName(name)).flatMap((network) => {
        const subnet = byNetwork.get(network.id);
        return subnet ? [networkOf(network, subnet)] : [];
      });
    },
    remove: (id, call) => removeNetwork(parts, id, call),
  };
}

const named = async (http: OpenStackHttp, clientToken: string, call: CloudCall): Promise<NeutronNetwork[]> => {
  requireClientToken(clientToken);
  const found = await http.list<NeutronNetwork>('network', { path: '/networks', key: 'networks', query: { name: clientToken } }, call);
  return found.sort((left, right) => (left.created_at ?? '').localeCompare(right.created_at ?? '') || left.id.localeCompare(right.id));
};

const subnetsOf = (http: OpenStackHttp, networkId: string, call: CloudCall): Promise<NeutronSubnet[]> =>
  http.list('network', { path: '/subnets', key: 'subnets', query: { network_id: networkId } }, call);

async function createNetwork(parts: Parts, request: NetworkRequest, call: CloudCall): Promise<Network> {
  const { http, options: { externalNetwork }, names } = parts;
  const fault = networkFault(request);
  if (fault !== undefined) throw new FogbowError('cloud-rejected', fault);
  const [before] = await named(http, request.clientToken, call);
  const uplink = externalNetwork === undefined ? undefined : await names.idOf(externalNetwork, 'externalNetwork', call);
  let network = before;
  try {
    network ??= (await http.ask<{ network: NeutronNetwork }>('network', { method: 'POST', path: '/networks', body: networkBody(request) }, call)).network;
    return networkOf(network, await completed(parts, request, network, uplink, call));
  } catch (error) {
    // After an answer that did not come there may be more than we know: the next create goes on from what is there.
    const isClear = error instanceof FogbowError && error.code !== 'cloud-unavailable' && error.code !== 'cloud-unauthorized';
    if (isClear && network) await removeNetwork(parts, network.id, call).catch(() => undefined);
    throw recoded(error, { 'not-found': 'cloud-rejected' });
  }
}

async function completed({ http, routers, options }: Parts, request: NetworkRequest, { id }: NeutronNetwork, uplink: string | undefined, call: CloudCall): Promise<NeutronSubnet> {
  const [before] = await subnetsOf(http, id, call);
  const subnet = before ?? (await http.ask<{ subnet: NeutronSubnet }>('network', {
    method: 'POST', path: '/subnets', body: subnetBody(request, id, options.dnsServers, uplink !== undefined),
  }, call)).subnet;
  if (uplink !== undefined) await routers.lead({ clientToken: request.clientToken, subnetId: subnet.id, externalNetworkId: uplink }, call);
  return subnet;
}

/** A machine on it keeps it, and nothing is touched then. Ports that were made for a machine that never came go with it. */
async function removeNetwork({ http, routers, hasMachine }: Parts, id: string, call: CloudCall): Promise<void> {
  const found = (await orAbsent(http.ask<{ network: NeutronNetwork }>('network', { method: 'GET', path: `/networks/${encodeURIComponent(id)}` }, call)))?.network;
  if (!found || !isOurName(found.name)) return;
  const ports = await http.list<NeutronPort>('network', { path: '/ports', key: 'ports', query: { network_id: found.id } }, call);
  for (const port of ports.filter(({ device_owner: owner }) => !owner.startsWith('network:'))) {
    if (port.device_id !== '' || !isOurName(port.name) || await hasMachine(port.name, call)) throw new FogbowError('conflict', `A machine is on the network${isOurName(port.name) ? `: ${port.name}` : ''}.`);
    await orAbsent(http.ask('network', { method: 'DELETE', path: `/ports/${port.id}` }, call));
  }
  await routers.remove(found.name, await subnetsOf(http, found.id, call).then((subnets) => subnets.map((subnet) => subnet.id)), call);
  await orAbsent(http.ask('network', { method: 'DELETE', path: `/networks/${found.id}` }, call));
}
