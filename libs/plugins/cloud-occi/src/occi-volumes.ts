import { FogbowError } from '@fogbow/plugin-contracts';
import type { Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import type { StorageLinks } from './occi-attachments.js';
import type { OcciResource } from './occi-resource.js';
import { faultOf, resourceState } from './occi-states.js';
import { clientTokenOf, nameOf } from './thing-calls.js';
import type { ThingCalls } from './thing-calls.js';

/** `links`: what tells which machine a volume is in; absent where the endpoint has none. */
export function createVolumes({ things, links }: { readonly things: ThingCalls; readonly links?: StorageLinks }): VolumeCloud {
  const one = async (found: OcciResource | undefined, call: Parameters<StorageLinks['machines']>[0]): Promise<Volume | undefined> => found && toVolume(found, await links?.machines(call));
  return {
    async create({ clientToken, sizeGb, name }, call) {
      if (!Number.isInteger(sizeGb) || sizeGb < 1) throw new FogbowError('cloud-rejected', `A volume has a whole number of GB, at least 1, not ${sizeGb}.`);
      return toVolume(await things.create({ clientToken, title: name, attributes: { 'occi.storage.size': String(sizeGb) } }, call));
    },
    find: async (clientToken, call) => await one(await things.find(clientToken, call), call),
    describe: async (id, call) => await one(await things.describe(id, call), call),
    async list(call) {
      const [volumes, machines] = await Promise.all([things.list(call), links?.machines(call)]);
      return volumes.map((volume) => toVolume(volume, machines));
    },
    remove: (id, call) => things.remove(id, call),
  };
}

function toVolume(resource: OcciResource, machines?: ReadonlyMap<string, string>): Volume {
  const { id, title, attributes } = resource;
  const [name, attachedTo] = [nameOf(title), machines?.get(id)];
  return {
    id, clientToken: clientTokenOf(title), sizeGb: Number(attributes.get('occi.storage.size') ?? 0),
    state: resourceState(resource, attributes.get('occi.storage.status') ?? attributes.get('occi.storage.state')), ...faultOf(resource),
    ...(name ? { name } : {}), ...(attachedTo ? { attachedTo } : {}),
  };
}
