import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { AttachmentRequest } from '@fogbow/plugin-contracts';
import type { AttachmentHolds } from './attachment-holds.js';
import type { AttachmentRecord, VolumeRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import type { Machine } from './host-machines.js';
import type { HostsOptions } from './hosts-options.js';
import { parseId } from './machine-record.js';
import { SPARE_PORTS } from './qemu-command.js';
import { diskOf, makeVolumeFile, plug } from './volume-disks.js';

const NAMES = [...'cdefghijklmnopqrstuvwxyz'].map((letter) => `vd${letter}`);

export interface AttachmentParts {
  readonly options: HostsOptions;
  readonly hosts: readonly Host[];
  readonly holds: AttachmentHolds;
}

/** In a turn of the books. Throws not-found, conflict, cloud-rejected; after cloud-unavailable the machine may have the disk, and the record stays. */
export async function attachVolume(parts: AttachmentParts, request: AttachmentRequest, signal: AbortSignal): Promise<AttachmentRecord> {
  const { options, hosts, holds } = parts;
  const { attachments: book, volumes } = options.books;
  const before = book.named(request.clientToken);
  if (before && await holds.holds(before, signal)) return await settleAttachment(parts, before, signal) ?? before;
  if (before) book.drop(before);
  const volume = volumes.get(request.volumeId);
  if (!volume) throw new FogbowError('not-found', `This cloud has no volume ${request.volumeId}.`);
  const host = hostOf(hosts, request);
  const machine = await host?.machines.get(request.instanceId, signal);
  if (!host || !machine) throw new FogbowError('not-found', `This cloud has no machine ${request.instanceId}.`);
  const holder = await holds.ofVolume(volume.id, signal);
  if (holder) throw new FogbowError('conflict', `The volume is attached to ${holder.instanceId} already.`);
  const bound = await bind(options, host, volume, signal);
  const others = book.all().filter(({ instanceId }) => instanceId === request.instanceId);
  const record = book.add({
    id: `${request.clientToken}-${options.nonce()}`, clientToken: request.clientToken, volumeId: volume.id, instanceId: request.instanceId,
    ...choosePlace(request.device, others), plugged: false, createdAt: options.now().toISOString(),
  });
  return await finish(options, { host, volume: bound, record }, signal);
}

/**
 * In a turn of the books: an attachment whose maker died, or had no answer, before the machine was known to have the disk is brought to its end.
 * Undefined where it is gone. Throws as attachVolume.
 */
export async function settleAttachment({ options, hosts }: AttachmentParts, { id }: AttachmentRecord, signal: AbortSignal): Promise<AttachmentRecord | undefined> {
  const record = options.books.attachments.get(id);
  if (!record || record.plugged !== false) return record;
  const host = hostOf(hosts, record);
  const volume = options.books.volumes.get(record.volumeId);
  return host && volume ? await finish(options, { host, volume, record }, signal) : record;
}

export const hostOf = (hosts: readonly Host[], { instanceId }: Pick<AttachmentRecord, 'instanceId'>): Host | undefined =>
  hosts.find(({ spec }) => spec.name === parseId(instanceId)?.host);

export const isUp = (machine: Machine | undefined): boolean => machine?.state === 'active' || machine?.state === 'suspended';

interface Plugging { readonly host: Host; readonly volume: VolumeRecord; readonly record: AttachmentRecord }

/** QEMU that refused the disk has none of it; QEMU that did not answer may have it, so that only a record keeps its file from being removed. */
async function finish({ books: { attachments } }: HostsOptions, { host, volume, record }: Plugging, signal: AbortSignal): Promise<AttachmentRecord> {
  try {
    // Asked now that the disk is in the book: a machine that is booted from here on has it, one that was booted before does not.
    const machine = await host.machines.get(record.instanceId, signal);
    if (!machine) return record;
    if (isUp(machine)) await host.monitor.talk(record.instanceId, signal, (qemu) => plug(qemu, diskOf(host.spec.directory, volume, record)));
  } catch (error) {
    if (isFogbowError(error) && error.code === 'conflict') attachments.drop(record);
    throw error;
  }
  const done = { ...record, plugged: true };
  attachments.replace(done);
  return done;
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
