import { randomBytes } from 'node:crypto';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Network, NetworkCloud, NetworkRequest } from '@fogbow/plugin-contracts';
import { networkFault, parseIpv4Range, rangeHolds, rangesOverlap } from '@fogbow/request-model';
import type { Ipv4Range } from '@fogbow/request-model';
import type { LocalCloudOptions } from './local-options.js';
import { requireClientToken } from './machine-folder.js';
import { addressesInUse, networkShelf } from './network-addresses.js';
import type { NetworkRecord } from './network-addresses.js';

const LOOPBACK = parseIpv4Range('127.0.0.0/8') as Ipv4Range;
const OF_THE_HOST = parseIpv4Range('127.0.0.0/16') as Ipv4Range;

/** Networks as parts of the host's loopback range: addresses that machines can have without any privilege. */
export function createLocalNetworks({ directory, lock, limit, now }: LocalCloudOptions): NetworkCloud {
  const shelf = networkShelf(directory);
  const view = (record: NetworkRecord | undefined): Network | undefined => record && asNetwork(record);
  return {
    async create(request, { signal }) {
      requireClientToken(request.clientToken);
      return asNetwork(await lock.hold(signal, () => {
        const before = shelf.named(request.clientToken);
        if (before) return before;
        const fault = refusalOf(request);
        if (fault !== undefined) throw new FogbowError('cloud-rejected', fault);
        const inTheWay = overlapOf(request, shelf.all());
        if (inTheWay !== undefined) throw new FogbowError('conflict', inTheWay);
        if (shelf.all().length >= (limit.networks ?? Infinity)) throw new FogbowError('quota-exceeded', 'The local cloud has no room: networks.');
        const { clientToken, cidr, gateway, allocation, name } = request;
        const record: NetworkRecord = {
          id: `${clientToken}-${randomBytes(4).toString('hex')}`, clientToken, cidr, allocation, createdAt: now().toISOString(),
          ...(gateway === undefined ? {} : { gateway }), ...(name === undefined ? {} : { name }),
        };
        shelf.put(record);
        return record;
      }));
    },
    find: (clientToken) => Promise.resolve(view(shelf.named(clientToken))),
    describe: (id) => Promise.resolve(view(shelf.get(id))),
    list: () => Promise.resolve(shelf.all().map(asNetwork)),
    remove: (id, { signal }) => lock.hold(signal, () => {
      const record = shelf.get(id);
      if (!record) return;
      const user = addressesInUse(directory).find(({ networkId }) => networkId === id);
      if (user) throw new FogbowError('conflict', `The machine ${user.machineId} is on the network.`);
      shelf.drop(record);
    }),
  };
}

/** Why this host cannot serve the range, in words for the user; undefined when it can. */
export function refusalOf({ cidr, gateway }: Pick<NetworkRequest, 'cidr' | 'gateway'>): string | undefined {
  const fault = networkFault({ cidr, gateway });
  const range = parseIpv4Range(cidr);
  if (fault !== undefined || !range) return fault;
  if (!rangeHolds(LOOPBACK, range.first) || range.prefix < 8) {
    return `The local cloud runs without privileges on one host and serves ranges within 127.0.0.0/8 only, such as 127.20.0.0/24; ${cidr} is none.`;
  }
  if (rangesOverlap(range, OF_THE_HOST)) return `The local cloud leaves 127.0.0.0/16 to its host; ${cidr} overlaps it. Take one such as 127.20.0.0/24.`;
  return undefined;
}

/** What holds addresses of the range just now: it may be the last network of the same range, which is being removed. */
export function overlapOf({ cidr }: Pick<NetworkRequest, 'cidr'>, others: readonly Pick<NetworkRecord, 'cidr'>[]): string | undefined {
  const range = parseIpv4Range(cidr) ?? LOOPBACK;
  const other = others.find((network) => rangesOverlap(range, parseIpv4Range(network.cidr) ?? LOOPBACK));
  return other && `The networks of the local cloud share the addresses of one host; ${cidr} overlaps ${other.cidr}, which is in use.`;
}

function asNetwork({ createdAt, ...record }: NetworkRecord): Network {
  return { ...record, state: 'active', createdAt: new Date(createdAt) };
}
