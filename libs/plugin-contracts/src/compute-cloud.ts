import type { Quota, ServiceAddress, Size, UserDataPart } from '@fogbow/request-model';
import type { CloudToken } from './cloud-identity.js';

/**
 * A cloud that runs machines. The Manager calls it from many workers at once; every call may be repeated after a crash.
 * Rules with numbers stand in docs/contracts/compute-cloud.md; the conformance suite checks each of them.
 */
export interface ComputeCloud {
  readonly capabilities: ComputeCapabilities;

  /**
   * Asks for one machine. C1: a second call with the same `clientToken` MUST return the first machine while it exists,
   * also when the two calls overlap and `capabilities.atomicCreate` is true. C2: it SHOULD return as soon as the cloud has
   * accepted the request, in state `inactive`. Errors: quota-exceeded, no-valid-host, cloud-rejected, cloud-unauthorized, cloud-unavailable.
   */
  create(request: InstanceRequest, call: CloudCall): Promise<Instance>;

  /** C3: the machine of a client token, or undefined when the cloud knows none; a machine being removed counts as none. */
  find(clientToken: string, call: CloudCall): Promise<Instance | undefined>;

  /** C4: the machine, or undefined when it is gone. A cloud that cannot tell MUST throw cloud-unavailable, never answer undefined. */
  describe(instanceId: string, call: CloudCall): Promise<Instance | undefined>;

  /** C5: every machine of ours, in as few calls to the cloud as its paging allows. */
  list(call: CloudCall): Promise<readonly Instance[]>;

  /** C6: idempotent; resolves when the cloud has accepted the removal, and for an unknown id. */
  remove(instanceId: string, call: CloudCall): Promise<void>;

  /** C7: limits and present use of the account behind the call's token; volumes and networks too where the cloud has them. */
  quota(call: CloudCall): Promise<Quota>;
}

export interface ComputeCapabilities {
  /** Machines run their user data, so they can dial the reverse tunnel. */
  readonly bootsUserData: boolean;
  /** Overlapping creates with one client token yield one machine. Where false the Manager serialises and looks first. */
  readonly atomicCreate: boolean;
  /**
   * C9: the cloud lets users in by itself: it puts `InstanceRequest.publicKey` into an account of its own and tells `sshAddress` and `sshUsername`.
   * The Manager then grants no tunnel, and its user data makes no account. Absent: it does not.
   */
  readonly givesAccess?: boolean;
}

export const DEFAULT_CAPABILITIES: ComputeCapabilities = { bootsUserData: true, atomicCreate: false };

export interface CloudCall {
  readonly token: CloudToken;
  readonly signal: AbortSignal;
  /** Of the user's request for which the cloud is asked, where there is one: a plugin whose cloud speaks HTTP sends it along as X-Request-Id. */
  readonly requestId?: string;
}

export interface InstanceRequest {
  /** Unique per wanted machine; at most 63 characters of [a-z0-9-]. */
  readonly clientToken: string;
  readonly size: Size;
  readonly flavor?: string;
  readonly image?: string;
  /** The user's SSH key, one line as OpenSSH writes it. Without `givesAccess` the user data brings it too. */
  readonly publicKey?: string;
  /** Parts of cloud-init user data, in order; the plugin encodes them as its cloud wants. */
  readonly userData: readonly UserDataPart[];
  /** C8: private networks of this cloud on which the machine gets an address each; not-found for one that is not there. */
  readonly networkIds?: readonly string[];
}

/** `inactive`: on its way up or stopped. `failed`: it will not come up by itself. */
export type InstanceState = 'inactive' | 'active' | 'suspended' | 'failed';

export interface Instance {
  readonly id: string;
  readonly clientToken?: string;
  readonly state: InstanceState;
  /** The cloud's own words for a failure. */
  readonly fault?: string;
  readonly size?: Size;
  readonly localAddress?: string;
  /** C9: where users reach its SSH server without a tunnel of ours, once it is `active`; shown in place of a tunnel's address. */
  readonly sshAddress?: ServiceAddress;
  /** The account there that has the user's key; absent: that of the user data. */
  readonly sshUsername?: string;
  /** Public half of the machine's SSH host key as an OpenSSH line (`ssh-ed25519 AAAA…`), where the cloud knows it. */
  readonly sshHostKey?: string;
  /** Its addresses on private networks, in the order of the request. */
  readonly networks?: readonly NetworkAddress[];
  readonly createdAt?: Date;
}

export interface NetworkAddress {
  readonly networkId: string;
  /** IPv4, without prefix length; no other machine of the network has it. */
  readonly address: string;
}
