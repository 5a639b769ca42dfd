import type { Attachment, AttachmentCloud, CloudCall } from '@fogbow/plugin-contracts';
import { lastOf, orderWords } from './occi-resource.js';
import type { OcciResource } from './occi-resource.js';
import { faultOf, resourceState } from './occi-states.js';
import { clientTokenOf } from './thing-calls.js';
import type { ThingCalls } from './thing-calls.js';

/** What the links between machines and volumes tell about these. */
export interface StorageLinks {
  /** Volume → the machine that it is in. */
  machines(call: CloudCall): Promise<ReadonlyMap<string, string>>;
  /** Takes the volumes out of a machine; false when there was none in it. */
  detachAll(instanceId: string, call: CloudCall): Promise<boolean>;
}

export function createStorageLinks(things: ThingCalls): StorageLinks {
  return {
    machines: async (call) => new Map((await things.list(call)).filter(isMade).map(toAttachment).map(({ volumeId, instanceId }) => [volumeId, instanceId])),
    async detachAll(machine, call) {
      const found = (await things.list(call)).map(toAttachment).filter(({ instanceId }) => instanceId === machine);
      await Promise.all(found.map(({ id }) => things.remove(id, call)));
      return found.length > 0;
    },
  };
}

/** An order that waits may wait for good. */
const isMade = (resource: OcciResource): boolean => ['spawning', 'fulfilled'].includes(orderWords(resource).state ?? 'fulfilled');

export function createAttachments(things: ThingCalls): AttachmentCloud {
  return {
    async attach({ clientToken, volumeId, instanceId, device }, call) {
      const attributes = { 'occi.core.source': instanceId, 'occi.core.target': volumeId, ...(device ? { 'occi.storagelink.deviceid': device } : {}) };
      return toAttachment(await things.create({ clientToken, attributes }, call));
    },
    find: async (clientToken, call) => optional(await things.find(clientToken, call)),
    describe: async (id, call) => optional(await things.describe(id, call)),
    list: async (call) => (await things.list(call)).map(toAttachment),
    detach: (id, call) => things.remove(id, call),
  };
}

const optional = (resource: OcciResource | undefined): Attachment | undefined => resource && toAttachment(resource);

function toAttachment(resource: OcciResource): Attachment {
  const { id, title, attributes } = resource;
  const end = (name: string): string => lastOf(attributes.get(`occi.core.${name}`) ?? '');
  return {
    id, clientToken: clientTokenOf(title), instanceId: end('source'), volumeId: end('target'), device: attributes.get('occi.storagelink.deviceid') ?? '',
    state: resourceState(resource, attributes.get('occi.storagelink.state')), ...faultOf(resource),
  };
}
