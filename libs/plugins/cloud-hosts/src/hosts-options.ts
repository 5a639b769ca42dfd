import type { PluginLog } from '@fogbow/plugin-contracts';
import type { Claims } from './claims.js';
import type { AttachmentRecord, Book, VolumeRecord } from './disk-books.js';
import type { ImageSource } from './image-source.js';
import type { SharedTurns } from './shared-turns.js';

/** What is known of volumes: their hosts have the files alone. */
export interface Books {
  readonly volumes: Book<VolumeRecord>;
  readonly attachments: Book<AttachmentRecord>;
}

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
  readonly books: Books;
  /** Volumes and GB of them at most. */
  readonly volumeLimit: { readonly volumes: number; readonly volumeGb: number };
  /** Whoever reads the books and then writes them does it in a turn: all workers of the member share them. A turn is short. */
  readonly turn: SharedTurns;
  /** Rejects with cloud-unavailable when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  readonly log: PluginLog;
  now(): Date;
  /** Eight hexadecimal digits that nobody had before. */
  nonce(): string;
}
