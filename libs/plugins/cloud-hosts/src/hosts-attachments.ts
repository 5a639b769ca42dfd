import { FogbowError, isFogbowError, limitTime } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud } from '@fogbow/plugin-contracts';
import { attachVolume, hostOf, isUp, settleAttachment } from './attach-volume.js';
import type { AttachmentParts } from './attach-volume.js';
import type { AttachmentHolds } from './attachment-holds.js';
import type { AttachmentRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';
import { requireClientToken } from './machine-record.js';
import { diskOf, unplug } from './volume-disks.js';

const ASK_AGAIN_MS = 1000;
/** A detach should end with our words, not because its time is over. */
const MARGIN_MS = 3000;

/** A volume in a machine is a disk of virtio whose serial number is the wished name; a machine that does not run gets it when it starts. */
export function createHostsAttachments(options: HostsOptions, hosts: readonly Host[], holds: AttachmentHolds): AttachmentCloud {
  const parts: AttachmentParts = { options, hosts, holds };
  const { attachments: book } = options.books;
  return {
    async attach(request, { signal }) {
      requireClientToken(request.clientToken);
      return asAttachment(await options.turn(signal, () => attachVolume(parts, request, signal)));
    },
    find: (clientToken, { signal }) => view(parts, book.named(clientToken), signal),
    describe: (id, { signal }) => view(parts, book.get(id), signal),
    list: async ({ signal }) => (await holds.all(signal)).map(asAttachment),
    detach: (id, { signal }) => detach(parts, id, signal),
  };
}

/** Whoever is told of an attachment may count on its disk: what was not brought to its end is, and is not there where the machine refuses it. */
async function view(parts: AttachmentParts, record: AttachmentRecord | undefined, signal: AbortSignal): Promise<Attachment | undefined> {
  if (!record || !await parts.holds.holds(record, signal)) return undefined;
  if (record.plugged !== false) return asAttachment(record);
  try {
    const settled = await parts.options.turn(signal, () => settleAttachment(parts, record, signal));
    return settled && asAttachment(settled);
  } catch (error) {
    if (isFogbowError(error) && error.code === 'conflict') return undefined;
    throw error;
  }
}

/** The system of a machine may take its time: between two questions others have their turns. */
async function detach(parts: AttachmentParts, id: string, signal: AbortSignal): Promise<void> {
  const { now, pause, turn, callTimeoutMs } = parts.options;
  const until = now().getTime() + callTimeoutMs - MARGIN_MS;
  const inTime = limitTime(signal, callTimeoutMs);
  while (!await turn(inTime, () => release(parts, id, inTime))) {
    if (now().getTime() + ASK_AGAIN_MS > until) throw new FogbowError('cloud-unavailable', 'The system of the machine does not let go of the volume; unmount it there.');
    await pause(ASK_AGAIN_MS, inTime);
  }
}

/** Says whether it is gone. */
async function release({ options: { books }, hosts }: AttachmentParts, id: string, signal: AbortSignal): Promise<boolean> {
  const record = books.attachments.get(id);
  if (!record) return true;
  const host = hostOf(hosts, record);
  const machine = await host?.machines.get(record.instanceId, signal);
  const volume = books.volumes.get(record.volumeId);
  if (host && volume && isUp(machine)) {
    const gone = await host.monitor.talk(record.instanceId, signal, (qemu) => unplug(qemu, diskOf(host.spec.directory, volume, record)));
    if (!gone) return false;
  }
  books.attachments.drop(record);
  return true;
}

function asAttachment({ id, clientToken, volumeId, instanceId, device, plugged, createdAt }: AttachmentRecord): Attachment {
  return { id, clientToken, volumeId, instanceId, device: `/dev/disk/by-id/virtio-${device}`, state: plugged === false ? 'inactive' : 'active', createdAt: new Date(createdAt) };
}
