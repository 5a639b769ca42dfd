import { FogbowError } from '@fogbow/plugin-contracts';
import type { Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import type { Resource, ResourceDriver } from './resource-driver.js';

export function createVolumeDriver(volumes: VolumeCloud): ResourceDriver {
  return {
    atomicCreate: false,
    async create({ spec }, clientToken, _grounds, call) {
      if (spec.sizeGb === undefined) throw new FogbowError('cloud-rejected', 'the order names no size');
      return toResource(await volumes.create({ clientToken, sizeGb: spec.sizeGb, ...(spec.title ? { name: spec.title } : {}) }, call));
    },
    find: async (clientToken, call) => optional(await volumes.find(clientToken, call)),
    describe: async (id, call) => optional(await volumes.describe(id, call)),
    list: async (call) => (await volumes.list(call)).map(toResource),
    remove: (id, call) => volumes.remove(id, call),
  };
}

const optional = (volume: Volume | undefined): Resource | undefined => volume && toResource(volume);
const toResource = ({ id, clientToken, state, fault }: Volume): Resource => ({ id, clientToken, state, fault, told: {} });
