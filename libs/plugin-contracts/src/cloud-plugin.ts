import type { ResourceKind } from '@fogbow/request-model';
import type { AttachmentCloud } from './attachment-cloud.js';
import type { CloudIdentity } from './cloud-identity.js';
import type { CloudCall, ComputeCloud } from './compute-cloud.js';
import type { ComputePower } from './compute-power.js';
import type { ImageCatalogue } from './image-catalogue.js';
import type { NetworkCloud } from './network-cloud.js';
import type { VolumeCloud } from './volume-cloud.js';

/** A cloud as the Manager sees it: what every cloud can, and what only some can. */
export interface CloudPlugin extends OptionalAbilities {
  readonly identity: CloudIdentity;
  readonly compute: ComputeCloud;
  /** The kinds that may be asked for; absent: machines, and what its abilities are for. What is not named here is looked for and removed, never made. */
  readonly kinds?: readonly ResourceKind[];
  /**
   * For whoever tries a configuration (`fogbow doctor`), perhaps as another user, beside a Manager that runs or before its first start: without `start`, and
   * without a change of anything, here or there. Resolves to a few words; rejects where the cloud would not serve this account. Absent: `quota` is such a call.
   */
  examine?(call: CloudCall): Promise<string>;
  /** Called once before any other call but `examine`; brings back what a restart of the host stopped. */
  start(signal: AbortSignal): Promise<void>;
  /** Called once at shutdown; machines go on. */
  stop(): Promise<void>;
}

/** What a cloud cannot do is absent, so a caller sees it before it asks. Attachments need volumes. */
export interface OptionalAbilities {
  readonly volumes?: VolumeCloud;
  readonly networks?: NetworkCloud;
  readonly attachments?: AttachmentCloud;
  readonly power?: ComputePower;
  readonly images?: ImageCatalogue;
}
