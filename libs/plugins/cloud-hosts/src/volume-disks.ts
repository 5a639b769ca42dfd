import { FogbowError } from '@fogbow/plugin-contracts';
import type { AttachmentRecord, VolumeRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import { DROP_VOLUME, MAKE_VOLUME } from './host-scripts.js';
import { volumeDevice, volumeNode } from './qemu-command.js';
import type { AttachedDisk } from './qemu-command.js';
import type { QmpTalk } from './qmp-client.js';

export function diskOf(directory: string, { id }: Pick<VolumeRecord, 'id'>, { device, port }: Pick<AttachmentRecord, 'device' | 'port'>): AttachedDisk {
  return { name: `v${id.slice(-8)}`, path: pathOf(directory, id), serial: device, port };
}

const pathOf = (directory: string, volumeId: string): string => `${directory}/volumes/${volumeId}.qcow2`;

/** Idempotent: a volume has its file from then on. */
export async function makeVolumeFile({ shell, spec }: Host, { id, sizeGb }: VolumeRecord, signal: AbortSignal): Promise<void> {
  await shell.outcome(MAKE_VOLUME, [pathOf(spec.directory, id), String(sizeGb)], signal);
}

export async function dropVolumeFile({ shell, spec }: Host, { id }: VolumeRecord, signal: AbortSignal): Promise<void> {
  await shell.outcome(DROP_VOLUME, [pathOf(spec.directory, id)], signal);
}

/** Gives the disk to a machine that runs; does nothing where it has it. Throws conflict where QEMU refuses it. */
export async function plug(qemu: QmpTalk, disk: AttachedDisk): Promise<void> {
  const refusals = [];
  for (const command of [{ execute: 'blockdev-add', arguments: volumeNode(disk) }, { execute: 'device_add', arguments: volumeDevice(disk) }]) {
    const answer = await qemu.tell(command);
    if ('refusal' in answer && !/duplicate|already exists|in use/i.test(answer.refusal)) refusals.push(answer.refusal);
  }
  if (refusals.length === 0) return;
  await qemu.tell({ execute: 'blockdev-del', arguments: { 'node-name': disk.name } });
  throw new FogbowError('conflict', `The machine cannot take the volume: ${refusals.join(' ')}`);
}

/** Asks the system of a machine that runs to let go of the disk, as when somebody presses the button of a slot, and says whether it is gone. Throws cloud-unavailable where QEMU still holds the file. */
export async function unplug(qemu: QmpTalk, { name }: AttachedDisk): Promise<boolean> {
  const asked = await qemu.tell({ execute: 'device_del', arguments: { id: `dev-${name}` } });
  if (!('refusal' in asked && /not found/i.test(asked.refusal))) return false;
  const answer = await qemu.tell({ execute: 'blockdev-del', arguments: { 'node-name': name } });
  if ('refusal' in answer && !/cannot find|failed to find/i.test(answer.refusal)) throw new FogbowError('cloud-unavailable', `The machine still holds the volume: ${answer.refusal}`);
  return true;
}
