import { FogbowError } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud, AttachmentRequest } from '@fogbow/plugin-contracts';
import type { AttachmentHolds } from './attachment-holds.js';
import type { AttachmentRecord, VolumeRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import type { Machine } from './host-machines.js';
import type { HostsOptions } from './hosts-options.js';
import { parseId, requireClientToken } from './machine-record.js';
import { SPARE_PORTS } from './qemu-command.js';
import { diskOf, makeVolumeFile, plug, unplug } from './volume-disks.js';

const NAMES = [...'cdefghijklmnopqrstuvwxyz'].map((letter) => `vd${letter}`);

/** The talk should end with our words, not because its time is over. */
const MARGIN_MS = 3000;

/** A volume in a machine is a disk of virtio whose serial number is the wished name; a machine that does not run gets it when it starts. */
export function createHostsAttachments(options: HostsOptions, hosts: readonly Host[], holds: AttachmentHolds): AttachmentCloud {
  const { attachments: book, volumes } = options.books;
  const view = async (record: AttachmentRecord | undefined, signal: AbortSignal): Promise<Attachment | undefined> =>
    (record && await holds.holds(record, signal) ? asAttachment(record) : undefined);
  return {
    async attach(request, { signal }) {
      requireClientToken(request.clientToken);
      return asAttachment(await options.turn('volumes', () => attach(options, hosts, { request, holds, signal })));
    },
    find: (clientToken, { signal }) => view(book.named(clientToken), signal),
    describe: (id, { signal }) => view(book.get(id), signal),
    list: async ({ signal }) => (await holds.all(signal)).map(asAttachment),
    detach: (id, { signal }) => options.turn(id, async () => {
      const record = book.get(id);
      if (!record) return;
      const host = hosts.find(({ spec }) => spec.name === parseId(record.instanceId)?.host);
      const machine = await host?.machines.get(record.instanceId, signal);
      const volume = volumes.get(record.volumeId);
      if (host && volume && isUp(machine)) {
        const patience = { patienceMs: options.callTimeoutMs - MARGIN_MS, pause: (ms: number) => options.pause(ms, signal) };
        await host.monitor.talk(record.instanceId, signal, (qemu) => unplug(qemu, diskOf(host.spec.directory, volume, record), patience), options.callTimeoutMs);
      }
      book.drop(record);
    }),
  };
}

interface Wish { readonly request: AttachmentRequest; readonly holds: AttachmentHolds; readonly signal: AbortSignal }

async function attach(options: HostsOptions, hosts: readonly Host[], { request, holds, signal }: Wish): Promise<AttachmentRecord> {
  const { attachments: book, volumes } = options.books;
  const before = book.named(request.clientToken);
  if (before && await holds.holds(before, signal)) return before;
  if (before) book.drop(before);
  const volume = volumes.get(request.volumeId);
  if (!volume) throw new FogbowError('not-found', `This cloud has no volume ${request.volumeId}.`);
  const host = hosts.find(({ spec }) => spec.name === parseId(request.instanceId)?.host);
  const machine = await host?.machines.get(request.instanceId, signal);
  if (!host || !machine) throw new FogbowError('not-found', `This cloud has no machine ${request.instanceId}.`);
  const holder = await holds.ofVolume(volume.id, signal);
  if (holder) throw new FogbowError('conflict', `The volume is attached to ${holder.instanceId} already.`);
  const bound = await bind(options, host, volume, signal);
  const others = book.all().filter(({ instanceId }) => instanceId === request.instanceId);
  const record = book.add({
    id: `${request.clientToken}-${options.nonce()}`, clientToken: request.clientToken, volumeId: volume.id, instanceId: request.instanceId,
    ...choosePlace(request.device, others), createdAt: options.now().toISOString(),
  });
  try {
    if (isUp(machine)) await host.monitor.talk(request.instanceId, signal, (qemu) => plug(qemu, diskOf(host.spec.directory, bound, record)));
  } catch (error) {
    book.drop(record);
    throw error;
  }
  return record;
}

/** A file of one host cannot be a disk on another. The host is noted first, so the file is found whatever happens. */
async function bind({ books: { volumes } }: HostsOptions, host: Host, volume: VolumeRecord, signal: AbortSignal): Promise<VolumeRecord> {
  const { name } = host.spec;
  if (volume.host !== undefined && volume.host !== name) {
    throw new FogbowError('cloud-rejected', `The volume is on the host ${volume.host} since its first attachment, and the machine is on ${name}.`);
  }
  const bound = { ...volume, host: name };
  if (volume.host === undefined) volumes.replace(bound);
  await makeVolumeFile(host, bound, signal);
  return bound;
}

function choosePlace(wished: string | undefined, others: readonly AttachmentRecord[]): Pick<AttachmentRecord, 'device' | 'port'> {
  const taken = others.map(({ device }) => device);
  const device = wished === undefined ? NAMES.find((name) => !taken.includes(name)) : /^(?:\/dev\/)?([a-z][a-z0-9]{0,15})$/.exec(wished)?.[1];
  if (device === undefined && wished !== undefined) throw new FogbowError('cloud-rejected', 'A device name is like /dev/vdc: small letters and digits, at most 16.');
  const port = Array.from({ length: SPARE_PORTS }, (_, index) => index).find((index) => others.every((other) => other.port !== index));
  if (device === undefined || port === undefined) throw new FogbowError('conflict', `A machine takes ${SPARE_PORTS} volumes at most.`);
  if (taken.includes(device)) throw new FogbowError('conflict', `The machine has ${device} in use.`);
  return { device, port };
}

const isUp = (machine: Machine | undefined): boolean => machine?.state === 'active' || machine?.state === 'suspended';

function asAttachment({ id, clientToken, volumeId, instanceId, device, createdAt }: AttachmentRecord): Attachment {
  return { id, clientToken, volumeId, instanceId, device: `/dev/disk/by-id/virtio-${device}`, state: 'active', createdAt: new Date(createdAt) };
}
