import type { CloudCall } from './compute-cloud.js';

/**
 * A cloud that keeps volumes: disks with a life of their own, which machines of the same cloud may use by an attachment.
 * Called from many workers at once; every call may be repeated after a crash. Rules: docs/contracts/volume-cloud.md.
 */
export interface VolumeCloud {
  /**
   * V1: a second call with the same `clientToken` returns the first volume while it exists. V2: it may answer `inactive`, and the
   * volume becomes `active` when it can be attached. Errors: quota-exceeded, no-valid-host, cloud-rejected, cloud-unauthorized, cloud-unavailable.
   */
  create(request: VolumeRequest, call: CloudCall): Promise<Volume>;

  /** V3: the volume of a client token, or undefined when the cloud knows none; one being removed counts as none. */
  find(clientToken: string, call: CloudCall): Promise<Volume | undefined>;

  /** V4: the volume, or undefined when it is gone. A cloud that cannot tell throws cloud-unavailable. */
  describe(volumeId: string, call: CloudCall): Promise<Volume | undefined>;

  /** V5: every volume of ours, once. */
  list(call: CloudCall): Promise<readonly Volume[]>;

  /** V6: idempotent, resolves for an unknown id; what was written is lost. V7: `conflict` while the volume is attached. */
  remove(volumeId: string, call: CloudCall): Promise<void>;
}

export interface VolumeRequest {
  /** Unique per wanted volume; at most 63 characters of [a-z0-9-]. */
  readonly clientToken: string;
  /** Whole GB of 2^30 bytes, at least 1. */
  readonly sizeGb: number;
  /** For people; need not be unique. */
  readonly name?: string;
}

/** `inactive`: not there yet. `active`: can be attached or is. `failed`: it will not come by itself. */
export type ResourceState = 'inactive' | 'active' | 'failed';

export interface Volume {
  readonly id: string;
  readonly clientToken?: string;
  readonly name?: string;
  readonly sizeGb: number;
  readonly state: ResourceState;
  /** The cloud's own words for a failure. */
  readonly fault?: string;
  /** The machine that it is attached to. */
  readonly attachedTo?: string;
  readonly createdAt?: Date;
}
