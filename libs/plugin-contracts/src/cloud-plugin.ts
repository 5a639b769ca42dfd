import type { CloudIdentity } from './cloud-identity.js';
import type { ComputeCloud } from './compute-cloud.js';

/** A cloud as the Manager sees it: the mandatory abilities; later ones (volumes, networks) are optional members. */
export interface CloudPlugin {
  readonly identity: CloudIdentity;
  readonly compute: ComputeCloud;
  /** Called once before any other call; brings back what a restart of the host stopped. */
  start(signal: AbortSignal): Promise<void>;
  /** Called once at shutdown; machines go on. */
  stop(): Promise<void>;
}
