import type { Size } from '@fogbow/request-model';
import type { HostCapacity } from './hosts-settings.js';

/** What a host gives, and what its machines take of it. */
export interface HostRoom {
  readonly name: string;
  readonly capacity: HostCapacity;
  readonly used: HostCapacity;
}

export const NO_USE: HostCapacity = { machines: 0, vcpu: 0, ramMb: 0, diskGb: 0 };
const DIMENSIONS = ['machines', 'vcpu', 'ramMb', 'diskGb'] as const;

export function useOf(sizes: readonly Size[]): HostCapacity {
  return sizes.map(wantedOf).reduce(added, NO_USE);
}

/** Hosts give whole processors. */
const wantedOf = ({ vcpu, ramMb, diskGb }: Size): HostCapacity => ({ machines: 1, vcpu: Math.ceil(vcpu), ramMb, diskGb });

const added = (left: HostCapacity, right: HostCapacity): HostCapacity =>
  ({ machines: left.machines + right.machines, vcpu: left.vcpu + right.vcpu, ramMb: left.ramMb + right.ramMb, diskGb: left.diskGb + right.diskGb });

/** Pure: the hosts that have room, the one with the most free memory first, and of several such that which comes first by name. */
export function chooseHosts(rooms: readonly HostRoom[], size: Size): HostRoom[] {
  const free = ({ capacity, used }: HostRoom): number => capacity.ramMb - used.ramMb;
  return rooms.filter((room) => shortIn(room, size).length === 0).sort((one, other) => free(other) - free(one) || (one.name < other.name ? -1 : 1));
}

/** Pure: what the hosts together lack for the size; empty where only no single one has room. */
export function shortInAll(rooms: readonly HostRoom[], size: Size): string[] {
  const all = rooms.reduce((sum, { capacity, used }) => ({ name: '', capacity: added(sum.capacity, capacity), used: added(sum.used, used) }), { name: '', capacity: NO_USE, used: NO_USE });
  return shortIn(all, size);
}

function shortIn({ capacity, used }: HostRoom, size: Size): string[] {
  const wanted = added(used, wantedOf(size));
  return DIMENSIONS.filter((key) => wanted[key] > capacity[key]);
}
