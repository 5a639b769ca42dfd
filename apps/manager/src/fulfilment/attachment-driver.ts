import { FogbowError } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud } from '@fogbow/plugin-contracts';
import type { Resource, ResourceDriver } from './resource-driver.js';

export function createAttachmentDriver(attachments: AttachmentCloud): ResourceDriver {
  return {
    atomicCreate: false,
    async create({ spec: { attachment } }, clientToken, { uses }, call) {
      const volumeId = attachment && uses.get(attachment.volumeOrderId);
      const instanceId = attachment && uses.get(attachment.computeOrderId);
      if (!volumeId || !instanceId) throw new FogbowError('cloud-rejected', 'the order names no machine or no volume');
      return toResource(await attachments.attach({ clientToken, volumeId, instanceId, ...(attachment.device ? { device: attachment.device } : {}) }, call));
    },
    find: async (clientToken, call) => optional(await attachments.find(clientToken, call)),
    describe: async (id, call) => optional(await attachments.describe(id, call)),
    list: async (call) => (await attachments.list(call)).map(toResource),
    remove: (id, call) => attachments.detach(id, call),
  };
}

const optional = (attachment: Attachment | undefined): Resource | undefined => attachment && toResource(attachment);
const toResource = ({ id, clientToken, state, fault, device }: Attachment): Resource => ({ id, clientToken, state, fault, told: { device } });
