import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import { oneVolume, shortages } from '@fogbow/request-model';
import { dataOf, sizeData, volumeShelf } from './attached-volumes.js';
import type { VolumeRecord } from './attached-volumes.js';
import { createAttachmentBook } from './attachment-book.js';
import type { LocalCloudOptions } from './local-options.js';
import { usedVolumes } from './local-quota.js';
import { requireClientToken } from './machine-folder.js';
import { namesIn } from './record-shelf.js';

/** Volumes as sparse files in the directory. They are counted, not reserved: a host whose disk is full shows when somebody writes. */
export function createLocalVolumes(options: LocalCloudOptions): VolumeCloud {
  const { directory, lock } = options;
  const shelf = volumeShelf(directory);
  const book = createAttachmentBook(directory);
  const view = (record: VolumeRecord | undefined): Volume | undefined => record && asVolume(record, book.ofVolume(record.id)?.instanceId);
  return {
    async create({ clientToken, sizeGb, name }, { signal }) {
      requireClientToken(clientToken);
      if (!Number.isInteger(sizeGb) || sizeGb < 1) throw new FogbowError('cloud-rejected', 'The size of a volume is a whole number of GB from 1 up.');
      return lock.hold(signal, () => {
        const before = view(shelf.named(clientToken));
        if (before) return before;
        const short = shortages({ limit: options.limit, used: usedVolumes(directory) }, oneVolume(sizeGb));
        if (short.length > 0) throw new FogbowError('quota-exceeded', `The local cloud has no room: ${short.join(', ')}.`);
        const record: VolumeRecord = {
          id: `${clientToken}-${randomBytes(4).toString('hex')}`, clientToken, sizeGb, ...(name === undefined ? {} : { name }), createdAt: options.now().toISOString(),
        };
        makeData(directory, record);
        shelf.put(record);
        return asVolume(record, undefined);
      });
    },
    find: (clientToken) => Promise.resolve(view(shelf.named(clientToken))),
    describe: (id) => Promise.resolve(view(shelf.get(id))),
    list: () => Promise.resolve(shelf.all().flatMap((record) => view(record) ?? [])),
    remove: (id, { signal }) => lock.hold(signal, () => {
      const record = shelf.get(id);
      if (!record) return;
      const attachment = book.ofVolume(id);
      if (attachment) throw new FogbowError('conflict', `The volume is attached to ${attachment.instanceId}: detach it first.`);
      shelf.drop(record);
      rmSync(dataOf(directory, id), { force: true });
    }),
  };
}

/** Under the lock: files whose makers or removers died on the way. */
export function clearLostVolumes(directory: string): void {
  const shelf = volumeShelf(directory);
  const ids = namesIn(shelf.path).flatMap((name) => /^(.+)\.data$/.exec(name)?.[1] ?? []);
  for (const id of ids) if (!shelf.get(id)) rmSync(dataOf(directory, id), { force: true });
}

function makeData(directory: string, record: VolumeRecord): void {
  try {
    sizeData(directory, record);
  } catch (cause) {
    rmSync(dataOf(directory, record.id), { force: true });
    throw new FogbowError('cloud-rejected', `The file system of the local cloud takes no file of ${record.sizeGb} GB.`, { cause });
  }
}

function asVolume({ createdAt, ...record }: VolumeRecord, attachedTo: string | undefined): Volume {
  return { ...record, state: 'active', createdAt: new Date(createdAt), ...(attachedTo === undefined ? {} : { attachedTo }) };
}
