import { closeSync, linkSync, lstatSync, mkdirSync, openSync, ftruncateSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRecordShelf } from './record-shelf.js';
import type { ShelfRecord } from './record-shelf.js';

export interface VolumeRecord extends ShelfRecord {
  readonly sizeGb: number;
  readonly name?: string;
}

export interface AttachmentRecord extends ShelfRecord {
  readonly volumeId: string;
  readonly instanceId: string;
  /** Name of the file in the machine's `~/dev`. */
  readonly device: string;
}

export const volumeShelf = (directory: string) => createRecordShelf<VolumeRecord>(join(directory, 'volumes'));
export const attachmentShelf = (directory: string) => createRecordShelf<AttachmentRecord>(join(directory, 'attachments'));

/** What a volume holds: a sparse file. */
export function dataOf(directory: string, volumeId: string): string {
  return join(volumeShelf(directory).path, `${volumeId}.data`);
}

const GB = 2 ** 30;

/** Makes the file, or gives it its size back, which a machine may have changed. */
export function sizeData(directory: string, { id, sizeGb }: Pick<VolumeRecord, 'id' | 'sizeGb'>): void {
  mkdirSync(volumeShelf(directory).path, { recursive: true, mode: 0o700 });
  const file = openSync(dataOf(directory, id), 'a', 0o600);
  try {
    ftruncateSync(file, sizeGb * GB);
  } finally {
    closeSync(file);
  }
}

/** Shows the volume in the machine's `~/dev` as one more name of its file. False where a file of the machine has that name. */
export function layVolume(directory: string, home: string, { volumeId, device }: Pick<AttachmentRecord, 'volumeId' | 'device'>): boolean {
  const name = join(home, 'dev', device);
  mkdirSync(join(home, 'dev'), { recursive: true });
  if (isSameFile(name, dataOf(directory, volumeId))) return true;
  try {
    linkSync(dataOf(directory, volumeId), name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Before a machine starts: a machine may have lost the name of what it has attached. */
export function layVolumes(directory: string, instanceId: string, home: string): void {
  for (const attachment of attachmentShelf(directory).all()) if (attachment.instanceId === instanceId) layVolume(directory, home, attachment);
}

/** Takes the name away, unless the machine has put a file of its own in its place. */
export function liftVolume(directory: string, home: string, { volumeId, device }: AttachmentRecord): void {
  const name = join(home, 'dev', device);
  if (isSameFile(name, dataOf(directory, volumeId))) rmSync(name);
}

function isSameFile(left: string, right: string): boolean {
  const [one, other] = [lstatSync(left, { throwIfNoEntry: false }), statSync(right, { throwIfNoEntry: false })];
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}
