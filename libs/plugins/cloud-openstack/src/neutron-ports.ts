import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, NetworkAddress } from '@fogbow/plugin-contracts';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';

/** The ports and floating addresses that we make for machines before Nova is asked; all carry the machine's client token as their name. */
export interface NeutronPorts {
  /** A port on each network, in that order; those of an earlier try are taken. All or none. Errors: not-found, quota-exceeded. */
  prepare(clientToken: string, networkIds: readonly string[], call: CloudCall): Promise<PreparedPort[]>;
  /** A floating address for the port; that of an earlier try is taken. */
  float(clientToken: string, floatingNetworkId: string, portId: string, call: CloudCall): Promise<void>;
  /** Removes all that carry the token; resolves when there are none. */
  release(clientToken: string, call: CloudCall): Promise<void>;
}

export interface PreparedPort extends NetworkAddress {
  readonly portId: string;
}

export interface NeutronPort {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly device_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

interface FloatingIp { readonly id: string; readonly description: string }

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export function createNeutronPorts(http: OpenStackHttp): NeutronPorts {
  const drop = async (path: string, call: CloudCall): Promise<void> => void await orAbsent(http.ask('network', { method: 'DELETE', path }, call));
  const portsOf = (clientToken: string, call: CloudCall): Promise<NeutronPort[]> => http.list('network', { path: '/ports', key: 'ports', query: { name: clientToken } }, call);
  const floatingOf = async (clientToken: string, call: CloudCall): Promise<FloatingIp[]> =>
    (await orAbsent(http.list<FloatingIp>('network', { path: '/floatingips', key: 'floatingips', query: { description: clientToken } }, call)) ?? []).filter(({ description }) => description === clientToken);

  const make = async (clientToken: string, networkId: string, call: CloudCall): Promise<NeutronPort> => {
    if (!UUID.test(networkId)) throw new FogbowError('not-found', `OpenStack has no network ${networkId}.`);
    const body = { port: { name: clientToken, network_id: networkId, description: 'a machine of Fogbow' } };
    return (await http.ask<{ port: NeutronPort }>('network', { method: 'POST', path: '/ports', body }, call)).port;
  };
  const release: NeutronPorts['release'] = async (clientToken, call) => {
    for (const { id } of await floatingOf(clientToken, call)) await drop(`/floatingips/${id}`, call);
    for (const { id } of await portsOf(clientToken, call)) await drop(`/ports/${id}`, call);
  };
  return {
    release,
    async prepare(clientToken, networkIds, call) {
      const left = await portsOf(clientToken, call);
      const made: PreparedPort[] = [];
      try {
        for (const networkId of networkIds) {
          const mine = left.find((port) => port.network_id === networkId && port.device_id === '' && !made.some(({ portId }) => portId === port.id));
          const { id, fixed_ips: [first] } = mine ?? await make(clientToken, networkId, call);
          made.push({ portId: id, networkId, address: first?.ip_address ?? '' });
        }
      } catch (error) {
        await release(clientToken, call).catch(() => undefined);
        throw error;
      }
      return made;
    },
    async float(clientToken, floatingNetworkId, portId, call) {
      if ((await floatingOf(clientToken, call)).length > 0) return;
      await http.ask('network', { method: 'POST', path: '/floatingips', body: { floatingip: { floating_network_id: floatingNetworkId, port_id: portId, description: clientToken } } }, call);
    },
  };
}
