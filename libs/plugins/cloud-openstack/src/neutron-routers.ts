import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';

/** Routers of private networks; each has the client token of its network as its name. */
export interface NeutronRouters {
  /** A router from the range to the external network; what is there already is left as it is. */
  lead(way: { readonly clientToken: string; readonly subnetId: string; readonly externalNetworkId: string }, call: CloudCall): Promise<void>;
  /** Removes the routers of that name; resolves when there are none. */
  remove(clientToken: string, subnetIds: readonly string[], call: CloudCall): Promise<void>;
}

interface Router { readonly id: string }

export function createNeutronRouters(http: OpenStackHttp): NeutronRouters {
  // A Neutron without the router extension has no such path, and so no router.
  const named = async (name: string, call: CloudCall): Promise<Router[]> => await orAbsent(http.list<Router>('network', { path: '/routers', key: 'routers', query: { name } }, call)) ?? [];
  return {
    async lead({ clientToken, subnetId, externalNetworkId }, call) {
      const [before] = await named(clientToken, call);
      const body = { router: { name: clientToken, external_gateway_info: { network_id: externalNetworkId } } };
      const { id } = before ?? (await http.ask<{ router: Router }>('network', { method: 'POST', path: '/routers', body }, call)).router;
      const interfaces = await http.list<{ fixed_ips: readonly { subnet_id: string }[] }>('network', { path: '/ports', key: 'ports', query: { device_id: id } }, call);
      if (interfaces.some(({ fixed_ips: addresses }) => addresses.some((one) => one.subnet_id === subnetId))) return;
      await http.ask('network', { method: 'PUT', path: `/routers/${id}/add_router_interface`, body: { subnet_id: subnetId } }, call);
    },
    async remove(clientToken, subnetIds, call) {
      for (const { id } of await named(clientToken, call)) {
        for (const subnetId of subnetIds) await loosened(http.ask('network', { method: 'PUT', path: `/routers/${id}/remove_router_interface`, body: { subnet_id: subnetId } }, call));
        await orAbsent(http.ask('network', { method: 'DELETE', path: `/routers/${id}` }, call));
      }
    },
  };
}

/** Neutron answers 404 or 400 where the router has no such interface. */
async function loosened(asked: Promise<unknown>): Promise<void> {
  await orAbsent(asked).catch((error: unknown) => {
    if (!(error instanceof FogbowError) || error.code !== 'cloud-rejected') throw error;
  });
}
