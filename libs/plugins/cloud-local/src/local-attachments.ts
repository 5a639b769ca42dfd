import { randomBytes } from 'node:crypto';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud, AttachmentRequest } from '@fogbow/plugin-contracts';
import { layVolume, liftVolume, sizeData, volumeShelf } from './attached-volumes.js';
import type { AttachmentRecord } from './attached-volumes.js';
import { createAttachmentBook, livingMachine } from './attachment-book.js';
import type { LocalCloudOptions } from './local-options.js';
import { requireClientToken } from './machine-folder.js';

const NAMES = [...'cdefghijklmnopqrstuvwxyz'].map((letter) => `vd${letter}`);

/** An attached volume is a file in the machine's `~/dev`, whether the machine runs or not. */
export function createLocalAttachments(options: LocalCloudOptions): AttachmentCloud {
  const { directory, lock } = options;
  const book = createAttachmentBook(directory);
  const view = (record: AttachmentRecord | undefined): Attachment | undefined => record && asAttachment(record);
  return {
    async attach(request, { signal }) {
      requireClientToken(request.clientToken);
      return asAttachment(await lock.hold(signal, () => attachUnderLock(options, request)));
    },
    find: (clientToken) => Promise.resolve(view(book.named(clientToken))),
    describe: (id) => Promise.resolve(view(book.get(id))),
    list: () => Promise.resolve(book.all().map(asAttachment)),
    detach: (id, { signal }) => lock.hold(signal, () => {
      const record = book.shelf.get(id);
      if (record) detachUnderLock(directory, record);
    }),
  };
}

function attachUnderLock(options: LocalCloudOptions, request: AttachmentRequest): AttachmentRecord {
  const { directory } = options;
  const book = createAttachmentBook(directory);
  const before = book.shelf.named(request.clientToken);
  const machine = livingMachine(directory, before?.instanceId ?? request.instanceId);
  if (before && machine) {
    layVolume(directory, machine.folder.home, before);
    return before;
  }
  if (before) detachUnderLock(directory, before);
  const volume = volumeShelf(directory).get(request.volumeId);
  if (!volume) throw new FogbowError('not-found', `The local cloud has no volume ${request.volumeId}.`);
  const target = livingMachine(directory, request.instanceId);
  if (!target) throw new FogbowError('not-found', `The local cloud has no machine ${request.instanceId}.`);
  const holder = book.ofVolume(volume.id);
  if (holder) throw new FogbowError('conflict', `The volume is attached to ${holder.instanceId} already.`);
  const record: AttachmentRecord = {
    id: `${request.clientToken}-${randomBytes(4).toString('hex')}`, clientToken: request.clientToken, volumeId: volume.id, instanceId: request.instanceId,
    device: chooseDevice(request.device, book.ofMachine(request.instanceId).map(({ device }) => device)), createdAt: options.now().toISOString(),
  };
  sizeData(directory, volume);
  book.shelf.put(record);
  if (layVolume(directory, target.folder.home, record)) return record;
  book.shelf.drop(record);
  throw new FogbowError('conflict', `The machine has a file of its own at ~/dev/${record.device}.`);
}

/** The name goes first: if we die before the record goes, the detach is repeated. */
function detachUnderLock(directory: string, record: AttachmentRecord): void {
  const machine = livingMachine(directory, record.instanceId);
  if (machine) liftVolume(directory, machine.folder.home, record);
  const volume = volumeShelf(directory).get(record.volumeId);
  if (volume) sizeData(directory, volume);
  createAttachmentBook(directory).shelf.drop(record);
}

function chooseDevice(wished: string | undefined, taken: readonly string[]): string {
  const name = wished === undefined ? NAMES.find((free) => !taken.includes(free)) : /^(?:\/dev\/|~\/dev\/)?([a-z][a-z0-9]{0,15})$/.exec(wished)?.[1];
  if (name === undefined) throw new FogbowError(wished === undefined ? 'conflict' : 'cloud-rejected', 'A device name is like /dev/vdc: small letters and digits, at most 16.');
  if (taken.includes(name)) throw new FogbowError('conflict', `The machine has ~/dev/${name} in use.`);
  return name;
}

function asAttachment({ createdAt, device, ...record }: AttachmentRecord): Attachment {
  return { ...record, device: `~/dev/${device}`, state: 'active', createdAt: new Date(createdAt) };
}
