import type { AddressAllocation } from '@fogbow/request-model';
import type { CloudCall } from './compute-cloud.js';
import type { ResourceState } from './volume-cloud.js';

/**
 * A cloud that makes private networks, on which machines get addresses by `InstanceRequest.networkIds`. Called from many workers at
 * once; every call may be repeated after a crash. Rules: docs/contracts/network-cloud.md.
 */
export interface NetworkCloud {
  /**
   * N1: a second call with the same `clientToken` returns the first network while it exists. A range that this cloud cannot serve is
   * cloud-rejected with a sentence that says which it can, and one that another network keeps from it is `conflict`. Further errors: quota-exceeded, cloud-rejected, cloud-unauthorized, cloud-unavailable.
   */
  create(request: NetworkRequest, call: CloudCall): Promise<Network>;

  /** N2: the network of a client token, or undefined when the cloud knows none; one being removed counts as none. */
  find(clientToken: string, call: CloudCall): Promise<Network | undefined>;

  /** N3: the network, or undefined when it is gone. A cloud that cannot tell throws cloud-unavailable. */
  describe(networkId: string, call: CloudCall): Promise<Network | undefined>;

  /** N4: every network of ours, once. */
  list(call: CloudCall): Promise<readonly Network[]>;

  /** N5: idempotent, resolves for an unknown id. N6: `conflict` while a machine is on the network, running or not. */
  remove(networkId: string, call: CloudCall): Promise<void>;
}

export interface NetworkRequest {
  /** Unique per wanted network; at most 63 characters of [a-z0-9-]. */
  readonly clientToken: string;
  /** IPv4 in CIDR notation, without host bits: `10.10.0.0/24`. */
  readonly cidr: string;
  /** An address of the range that no machine gets; absent: the cloud chooses, or has none. */
  readonly gateway?: string;
  readonly allocation: AddressAllocation;
  /** For people; need not be unique. */
  readonly name?: string;
}

export interface Network {
  readonly id: string;
  readonly clientToken?: string;
  readonly name?: string;
  readonly cidr: string;
  /** Absent: nothing leads out of the network. */
  readonly gateway?: string;
  readonly allocation: AddressAllocation;
  readonly state: ResourceState;
  /** The cloud's own words for a failure. */
  readonly fault?: string;
  /** Where the cloud tells it. */
  readonly vlan?: string;
  readonly createdAt?: Date;
}
