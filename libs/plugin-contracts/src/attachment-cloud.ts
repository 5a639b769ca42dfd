import type { CloudCall } from './compute-cloud.js';
import type { ResourceState } from './volume-cloud.js';

/**
 * A cloud that attaches its volumes to its machines. Called from many workers at once; every call may be repeated after a crash.
 * Rules: docs/contracts/attachment-cloud.md.
 */
export interface AttachmentCloud {
  /**
   * A1: a second call with the same `clientToken` returns the first attachment while it exists. A2: not-found where volume or machine
   * is unknown, `conflict` where the volume is attached already or the machine has the device name in use. A machine need not run.
   * Further errors: cloud-rejected, cloud-unauthorized, cloud-unavailable.
   */
  attach(request: AttachmentRequest, call: CloudCall): Promise<Attachment>;

  /** A3: the attachment of a client token, or undefined when the cloud knows none. */
  find(clientToken: string, call: CloudCall): Promise<Attachment | undefined>;

  /** A4: the attachment, or undefined when it is gone, also with its machine. A cloud that cannot tell throws cloud-unavailable. */
  describe(attachmentId: string, call: CloudCall): Promise<Attachment | undefined>;

  /** A5: every attachment of ours, once. */
  list(call: CloudCall): Promise<readonly Attachment[]>;

  /** A6: idempotent, resolves for an unknown id; from then on the volume may be attached elsewhere, with what was written to it. */
  detach(attachmentId: string, call: CloudCall): Promise<void>;
}

export interface AttachmentRequest {
  /** Unique per wanted attachment; at most 63 characters of [a-z0-9-]. */
  readonly clientToken: string;
  readonly volumeId: string;
  readonly instanceId: string;
  /** The wished name, `/dev/vdc` or `vdc`; absent: the cloud chooses. */
  readonly device?: string;
}

export interface Attachment {
  readonly id: string;
  readonly clientToken?: string;
  readonly volumeId: string;
  readonly instanceId: string;
  /** Where the machine finds the volume; it may differ from the wish. */
  readonly device: string;
  readonly state: ResourceState;
  /** The cloud's own words for a failure. */
  readonly fault?: string;
  readonly createdAt?: Date;
}
