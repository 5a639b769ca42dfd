import { NOTHING, ONE_NETWORK, oneOf, oneVolume, plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import { volumeShelf } from './attached-volumes.js';
import type { Sighting } from './machine-host.js';
import { networkShelf } from './network-addresses.js';

const NONE: Amount = { ...NOTHING, volumes: 0, volumeGb: 0, networks: 0 };

export function usedVolumes(directory: string): Amount {
  return volumeShelf(directory).all().reduce((sum, { sizeGb }) => plus(sum, oneVolume(sizeGb)), NONE);
}

/** All that counts: machines whether they run or not, volumes, networks. */
export function usedOf(directory: string, machines: readonly Sighting[]): Amount {
  const others = networkShelf(directory).all().reduce((sum) => plus(sum, ONE_NETWORK), usedVolumes(directory));
  return machines.reduce((sum, { record }) => plus(sum, oneOf(record.size)), others);
}
