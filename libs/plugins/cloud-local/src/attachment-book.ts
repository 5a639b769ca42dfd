import { attachmentShelf } from './attached-volumes.js';
import type { AttachmentRecord } from './attached-volumes.js';
import { clientTokenOf, folderOf } from './machine-folder.js';
import { sight } from './machine-host.js';
import type { Sighting } from './machine-host.js';

/** The attachments that hold: a record whose machine is gone is void, and is cleared away when its place is wanted. */
export function createAttachmentBook(directory: string) {
  const shelf = attachmentShelf(directory);
  const holding = (record: AttachmentRecord | undefined): AttachmentRecord | undefined =>
    (record && livingMachine(directory, record.instanceId) ? record : undefined);
  const all = (): AttachmentRecord[] => shelf.all().flatMap((record) => holding(record) ?? []);
  return {
    shelf,
    all,
    named: (clientToken: string): AttachmentRecord | undefined => holding(shelf.named(clientToken)),
    get: (id: string): AttachmentRecord | undefined => holding(shelf.get(id)),
    ofVolume: (volumeId: string): AttachmentRecord | undefined => all().find((record) => record.volumeId === volumeId),
    ofMachine: (instanceId: string): AttachmentRecord[] => all().filter((record) => record.instanceId === instanceId),
  };
}

/** The machine of an id, running or not; undefined when it is gone or dead. */
export function livingMachine(directory: string, id: string): Sighting | undefined {
  const seen = sight(folderOf(directory, clientTokenOf(id) ?? '.none'));
  return seen?.record.id === id && seen.status !== 'dead' ? seen : undefined;
}
