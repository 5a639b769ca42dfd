import { FogbowError } from '@fogbow/plugin-contracts';
import type { Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import { oneVolume, shortages } from '@fogbow/request-model';
import type { AttachmentHolds } from './attachment-holds.js';
import type { VolumeRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';
import { usedVolumes } from './hosts-quota.js';
import { requireClientToken } from './machine-record.js';
import { dropVolumeFile } from './volume-disks.js';

const NO_LIMIT = { instances: Infinity, vcpu: Infinity, ramMb: Infinity };

/** Volumes as qcow2 files of the host of the machine to which they were first attached. They are counted, not reserved: they take the room that is written. */
export function createHostsVolumes(options: HostsOptions, hosts: readonly Host[], holds: AttachmentHolds): VolumeCloud {
  const { volumes } = options.books;
  const view = async (record: VolumeRecord | undefined, signal: AbortSignal): Promise<Volume | undefined> =>
    record && asVolume(record, (await holds.ofVolume(record.id, signal))?.instanceId);
  return {
    async create({ clientToken, sizeGb, name }, { signal }) {
      requireClientToken(clientToken);
      if (!Number.isInteger(sizeGb) || sizeGb < 1) throw new FogbowError('cloud-rejected', 'A volume has a whole number of GB, at least 1.');
      const record = await options.turn(signal, () => {
        const before = volumes.named(clientToken);
        if (before) return Promise.resolve(before);
        const short = shortages({ limit: { ...NO_LIMIT, ...options.volumeLimit }, used: usedVolumes(options) }, oneVolume(sizeGb));
        if (short.length > 0) throw new FogbowError('quota-exceeded', `The limits of this cloud leave no room: ${short.join(', ')}.`);
        return Promise.resolve(volumes.add({ id: `${clientToken}-${options.nonce()}`, clientToken, sizeGb, ...(name === undefined ? {} : { name }), createdAt: options.now().toISOString() }));
      });
      return await view(record, signal) ?? asVolume(record, undefined);
    },
    find: (clientToken, { signal }) => view(volumes.named(clientToken), signal),
    describe: (id, { signal }) => view(volumes.get(id), signal),
    async list({ signal }) {
      const attached = new Map((await holds.all(signal)).map(({ volumeId, instanceId }) => [volumeId, instanceId]));
      return volumes.all().map((record) => asVolume(record, attached.get(record.id)));
    },
    remove: (id, { signal }) => options.turn(signal, async () => {
      const record = volumes.get(id);
      if (!record) return;
      const held = await holds.ofVolume(id, signal);
      if (held) throw new FogbowError('conflict', `The volume is attached to ${held.instanceId}: detach it first.`);
      const host = hosts.find(({ spec }) => spec.name === record.host);
      if (host) await dropVolumeFile(host, record, signal);
      volumes.drop(record);
    }),
  };
}

function asVolume({ id, clientToken, sizeGb, name, createdAt }: VolumeRecord, attachedTo: string | undefined): Volume {
  return { id, clientToken, sizeGb, state: 'active', createdAt: new Date(createdAt), ...(name === undefined ? {} : { name }), ...(attachedTo === undefined ? {} : { attachedTo }) };
}
