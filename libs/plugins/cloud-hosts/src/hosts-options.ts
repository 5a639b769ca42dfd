import type { PluginLog } from '@fogbow/plugin-contracts';
import type { Claims } from './claims.js';
import type { Host } from './fleet.js';
import type { ImageSource } from './image-source.js';
import type { AttachedDisk } from './qemu-command.js';

/** What all parts of one cloud share. Machines are known by their hosts alone; what the Manager keeps is where each was given to. */
export interface HostsOptions {
  readonly directory: string;
  readonly claims: Claims;
  readonly images: ImageSource;
  /** For orders that name none. */
  readonly image: string;
  readonly callTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** A host that did not answer is asked again after so long. */
  readonly restMs: number;
  readonly stopTimeoutMs: number;
  disksOf(host: Host, id: string, signal: AbortSignal): Promise<readonly AttachedDisk[]>;
  readonly log: PluginLog;
  now(): Date;
  /** Eight hexadecimal digits that nobody had before. */
  nonce(): string;
}
