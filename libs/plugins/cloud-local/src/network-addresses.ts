import { createServer } from 'node:net';
import { join } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { AddressAllocation } from '@fogbow/request-model';
import { freeAddresses, parseIpv4Range } from '@fogbow/request-model';
import { foldersIn } from './machine-folder.js';
import type { MachineAddress } from './machine-folder.js';
import { createRecordShelf } from './record-shelf.js';
import type { ShelfRecord } from './record-shelf.js';

export interface NetworkRecord extends ShelfRecord {
  readonly cidr: string;
  readonly gateway?: string;
  readonly allocation: AddressAllocation;
  readonly name?: string;
}

export const networkShelf = (directory: string) => createRecordShelf<NetworkRecord>(join(directory, 'networks'));

/** Every address that a machine of the directory has, running or not: the machines' own records are the only books. */
export function addressesInUse(directory: string): (MachineAddress & { readonly machineId: string })[] {
  return foldersIn(directory).flatMap((folder) => {
    const record = folder.record();
    return (record?.networks ?? []).map((address) => ({ ...address, machineId: record?.id ?? '' }));
  });
}

/** Under the lock: an address of each network for a new machine. Throws not-found and quota-exceeded as the contract says. */
export async function chooseAddresses(directory: string, networkIds: readonly string[], sshPort: number): Promise<MachineAddress[]> {
  const taken = new Set(addressesInUse(directory).map(({ address }) => address));
  const chosen: MachineAddress[] = [];
  for (const networkId of networkIds) {
    const network = networkShelf(directory).get(networkId);
    if (!network) throw new FogbowError('not-found', `The local cloud has no network ${networkId}.`);
    const address = await chooseAddress(network, taken, sshPort);
    if (address === undefined) throw new FogbowError('quota-exceeded', `The network ${network.cidr} has no free address.`);
    taken.add(address);
    chosen.push({ networkId, address, ...(network.allocation === 'dynamic' ? { sshPort } : {}) });
  }
  return chosen;
}

/** Other clouds of the host do not tell us what they gave away, so an address on which somebody listens is passed over. */
async function chooseAddress({ cidr, gateway, allocation }: NetworkRecord, taken: ReadonlySet<string>, port: number): Promise<string | undefined> {
  const range = parseIpv4Range(cidr);
  if (!range) return undefined;
  for (const address of freeAddresses(range, new Set([...taken, gateway ?? '']))) {
    if (allocation === 'static' || (await canListen(address, port))) return address;
  }
  return undefined;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(false);
      else reject(new FogbowError('cloud-rejected', `This host does not let machines listen on ${host}:${port} (${cause.code}).`, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
