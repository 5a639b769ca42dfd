import type { Network, NetworkRequest } from '@fogbow/plugin-contracts';
import { shortened } from './our-names.js';

/** A network as `GET /networks` shows it (Networking API v2.0). */
export interface NeutronNetwork {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly description?: string;
  readonly created_at?: string;
}

export interface NeutronSubnet {
  readonly id: string;
  readonly network_id: string;
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly enable_dhcp: boolean;
}

export interface Uplink {
  /** Id of the network that routers lead to. */
  readonly externalNetworkId: string;
}

/** Pure: a network of ours with its range. One without a range is in the making. */
export function networkOf(network: NeutronNetwork, subnet: NeutronSubnet): Network {
  const { id, name, status, description, created_at: created } = network;
  return {
    id, clientToken: name, cidr: subnet.cidr, allocation: subnet.enable_dhcp ? 'dynamic' : 'static',
    // Neutron says DOWN of a network that has no port yet.
    state: status === 'ERROR' ? 'failed' : 'active',
    ...(description ? { name: description } : {}),
    ...(subnet.gateway_ip ? { gateway: subnet.gateway_ip } : {}),
    ...(created === undefined ? {} : { createdAt: new Date(created) }),
    ...(status === 'ERROR' ? { fault: 'Neutron set it to ERROR.' } : {}),
  };
}

/** Without a router nothing leads out, so no address is kept for a gateway that nobody asked for. */
export function subnetBody({ cidr, gateway, allocation, clientToken }: NetworkRequest, networkId: string, dnsServers: readonly string[], hasRouter: boolean): object {
  return {
    subnet: {
      name: clientToken, network_id: networkId, ip_version: 4, cidr, enable_dhcp: allocation === 'dynamic',
      ...(gateway !== undefined ? { gateway_ip: gateway } : hasRouter ? {} : { gateway_ip: null }),
      ...(dnsServers.length > 0 ? { dns_nameservers: dnsServers } : {}),
    },
  };
}

export const networkBody = ({ clientToken, name }: NetworkRequest): object => ({ network: { name: clientToken, description: shortened(name ?? '') } });
