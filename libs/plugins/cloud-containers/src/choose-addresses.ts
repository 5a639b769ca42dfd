import { FogbowError } from '@fogbow/plugin-contracts';
import type { Network, NetworkAddress } from '@fogbow/plugin-contracts';
import { freeAddresses, parseIpv4Range } from '@fogbow/request-model';

/**
 * Pure: an address on each network for a new machine, the lowest that no other machine has, running or not: the engine forgets the addresses
 * of containers that stand still, so we choose. Throws not-found and quota-exceeded as the contract says.
 */
export function chooseAddresses(networkIds: readonly string[], networks: readonly Network[], taken: readonly NetworkAddress[]): NetworkAddress[] {
  return networkIds.map((networkId) => {
    const network = networks.find(({ id }) => id === networkId);
    const range = network && parseIpv4Range(network.cidr);
    if (!range) throw new FogbowError('not-found', `This cloud has no network ${networkId}.`);
    const held = new Set([...taken.filter((one) => one.networkId === networkId).map(({ address }) => address), network.gateway ?? '']);
    const [address] = freeAddresses(range, held);
    if (address === undefined) throw new FogbowError('quota-exceeded', `The network ${network.cidr} has no free address.`);
    return { networkId, address };
  });
}
