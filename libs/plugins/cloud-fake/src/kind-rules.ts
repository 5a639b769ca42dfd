import type { AttachmentRequest, InstanceRequest, NetworkAddress } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';
import { freeAddresses, networkFault, parseIpv4Range } from '@fogbow/request-model';
import type { FakeCore } from './fake-core.js';
import { describeLife, describeMachine } from './fake-entities.js';
import type { FakeAttachment, FakeLife } from './fake-entities.js';
import { indexOf } from './resource-calls.js';
import type { KindRules } from './resource-calls.js';

export const machineRules: KindRules<'instances'> = {
  kind: 'instances', prefix: 'vm',
  make(core, life, request) {
    const { images } = core.knobs();
    if (images && request.image !== undefined && !images.includes(request.image)) throw new FogbowError('cloud-rejected', `The fake cloud has no image "${request.image}".`);
    const networks = addressesFor(core, life.account, request);
    return { ...life, size: request.size, ...(networks.length > 0 ? { networks } : {}) };
  },
  view: (core, machine) => describeMachine(machine, core.now()),
};

export const volumeRules: KindRules<'volumes'> = {
  kind: 'volumes', prefix: 'vol',
  make(_core, life, { sizeGb, name }) {
    if (!Number.isInteger(sizeGb) || sizeGb < 1) throw new FogbowError('cloud-rejected', 'The size of a volume is a whole number of GB from 1 up.');
    return { ...life, sizeGb, ...(name === undefined ? {} : { name }) };
  },
  view(core, volume) {
    const life = describeLife(volume, core.now());
    const attachment = attachmentOf(core, volume.id);
    const { sizeGb, name } = volume;
    return life && { ...life, sizeGb, ...(name === undefined ? {} : { name }), ...(attachment ? { attachedTo: attachment.instanceId } : {}) };
  },
  guard(core, { id }) {
    const attachment = attachmentOf(core, id);
    if (attachment) throw new FogbowError('conflict', `The volume is attached to ${attachment.instanceId}: detach it first.`);
  },
};

export const networkRules: KindRules<'networks'> = {
  kind: 'networks', prefix: 'net',
  make(_core, life, { cidr, gateway, allocation, name }) {
    const fault = networkFault({ cidr, gateway });
    if (fault !== undefined) throw new FogbowError('cloud-rejected', fault);
    return { ...life, cidr, allocation, ...(gateway === undefined ? {} : { gateway }), ...(name === undefined ? {} : { name }) };
  },
  view(core, { cidr, gateway, allocation, name, ...network }) {
    const life = describeLife(network, core.now());
    return life && { ...life, cidr, allocation, ...(gateway === undefined ? {} : { gateway }), ...(name === undefined ? {} : { name }) };
  },
  guard(core, { id }) {
    const machine = indexOf(core, 'instances').all().find(({ networks }) => networks?.some(({ networkId }) => networkId === id));
    if (machine) throw new FogbowError('conflict', `The machine ${machine.id} is on the network.`);
  },
};

export const attachmentRules: KindRules<'attachments'> = {
  kind: 'attachments', prefix: 'att',
  make(core, life, request) {
    const { volumeId, instanceId } = request;
    const volume = owned(life, indexOf(core, 'volumes').get(volumeId), `volume ${volumeId}`);
    owned(life, indexOf(core, 'instances').get(instanceId), `machine ${instanceId}`);
    if (attachmentOf(core, volumeId)) throw new FogbowError('conflict', 'The volume is attached already.');
    if (describeLife(volume, core.now())?.state !== 'active') throw new FogbowError('conflict', 'The volume is not ready.');
    return { ...life, volumeId, instanceId, device: deviceFor(core, request) };
  },
  view(core, { volumeId, instanceId, device, ...attachment }) {
    const life = describeLife(attachment, core.now());
    return life && { ...life, volumeId, instanceId, device };
  },
};

function attachmentOf(core: FakeCore, volumeId: string): FakeAttachment | undefined {
  return indexOf(core, 'attachments').all().find((attachment) => attachment.volumeId === volumeId);
}

function owned<Entity extends FakeLife>({ account }: FakeLife, entity: Entity | undefined, what: string): Entity {
  if (entity?.account !== account) throw new FogbowError('not-found', `The fake cloud has no ${what}.`);
  return entity;
}

function deviceFor(core: FakeCore, { instanceId, device }: AttachmentRequest): string {
  const taken = indexOf(core, 'attachments').all().filter((attachment) => attachment.instanceId === instanceId).map((attachment) => attachment.device);
  const wished = device && (device.startsWith('/dev/') ? device : `/dev/${device}`);
  if (wished && taken.includes(wished)) throw new FogbowError('conflict', `The machine has ${wished} in use.`);
  const free = [...'cdefghijklmnopqrstuvwxyz'].map((letter) => `/dev/vd${letter}`).find((name) => !taken.includes(name));
  const chosen = wished ?? free;
  if (chosen === undefined) throw new FogbowError('conflict', 'The machine has no device name left.');
  return chosen;
}

function addressesFor(core: FakeCore, account: string, { networkIds = [] }: InstanceRequest): NetworkAddress[] {
  return networkIds.map((networkId) => {
    const { cidr, gateway } = owned({ account } as FakeLife, indexOf(core, 'networks').get(networkId), `network ${networkId}`);
    const taken = indexOf(core, 'instances').all().flatMap(({ networks = [] }) => networks.filter((at) => at.networkId === networkId).map(({ address }) => address));
    const range = parseIpv4Range(cidr);
    const [address] = range ? freeAddresses(range, new Set([...taken, ...(gateway === undefined ? [] : [gateway])])) : [];
    if (address === undefined) throw new FogbowError('quota-exceeded', `The network ${networkId} has no free address.`);
    return { networkId, address };
  });
}
