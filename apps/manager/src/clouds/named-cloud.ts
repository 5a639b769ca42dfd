import { FogbowError } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud, CloudPlugin, ComputeCloud, ComputePower, Image, ImageCatalogue, Instance, Network, NetworkCloud, OptionalAbilities, Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import { createIdsOf } from './ids-of-cloud.js';
import type { IdsOfCloud } from './ids-of-cloud.js';

/**
 * A cloud among several: the same one, with its name before every id. So an id tells its cloud to people, no two clouds of a member
 * share one, and an id of another cloud is simply not there.
 */
export function namedCloud(name: string, plugin: CloudPlugin): CloudPlugin {
  const ids = createIdsOf(name);
  const { identity, compute, kinds } = plugin;
  return {
    identity, compute: namedCompute(ids, compute), ...(kinds ? { kinds } : {}), ...namedAbilities(ids, plugin),
    start: (signal) => plugin.start(signal),
    stop: () => plugin.stop(),
  };
}

function namedAbilities(ids: IdsOfCloud, { volumes, networks, attachments, power, images }: OptionalAbilities): OptionalAbilities {
  return {
    ...(volumes ? { volumes: namedVolumes(ids, volumes) } : {}),
    ...(networks ? { networks: namedNetworks(ids, networks) } : {}),
    ...(attachments ? { attachments: namedAttachments(ids, attachments) } : {}),
    ...(power ? { power: namedPower(ids, power) } : {}),
    ...(images ? { images: namedImages(ids, images) } : {}),
  };
}

function namedCompute(ids: IdsOfCloud, compute: ComputeCloud): ComputeCloud {
  const show = (instance: Instance): Instance => ({
    ...instance, id: ids.outer(instance.id),
    ...(instance.networks ? { networks: instance.networks.map((at) => ({ ...at, networkId: ids.outer(at.networkId) })) } : {}),
  });
  return {
    capabilities: compute.capabilities,
    async create({ networkIds, image, ...request }, call) {
      const wanted = { ...request, ...(networkIds ? { networkIds: networkIds.map((id) => required(ids, id, 'network')) } : {}), ...(image === undefined ? {} : { image: ids.inner(image) ?? image }) };
      return show(await compute.create(wanted, call));
    },
    ...namedQuestions(ids, compute, show),
    remove: async (id, call) => removed(ids, id, (inner) => compute.remove(inner, call)),
    quota: (call) => compute.quota(call),
  };
}

function namedVolumes(ids: IdsOfCloud, volumes: VolumeCloud): VolumeCloud {
  const show = (volume: Volume): Volume => ({ ...volume, id: ids.outer(volume.id), ...(volume.attachedTo === undefined ? {} : { attachedTo: ids.outer(volume.attachedTo) }) });
  return {
    create: async (request, call) => show(await volumes.create(request, call)),
    ...namedQuestions(ids, volumes, show),
    remove: async (id, call) => removed(ids, id, (inner) => volumes.remove(inner, call)),
  };
}

function namedNetworks(ids: IdsOfCloud, networks: NetworkCloud): NetworkCloud {
  const show = (network: Network): Network => ({ ...network, id: ids.outer(network.id) });
  return {
    create: async (request, call) => show(await networks.create(request, call)),
    ...namedQuestions(ids, networks, show),
    remove: async (id, call) => removed(ids, id, (inner) => networks.remove(inner, call)),
  };
}

function namedAttachments(ids: IdsOfCloud, attachments: AttachmentCloud): AttachmentCloud {
  const show = (one: Attachment): Attachment => ({ ...one, id: ids.outer(one.id), volumeId: ids.outer(one.volumeId), instanceId: ids.outer(one.instanceId) });
  return {
    async attach({ volumeId, instanceId, ...request }, call) {
      return show(await attachments.attach({ ...request, volumeId: required(ids, volumeId, 'volume'), instanceId: required(ids, instanceId, 'machine') }, call));
    },
    ...namedQuestions(ids, attachments, show),
    detach: async (id, call) => removed(ids, id, (inner) => attachments.detach(inner, call)),
  };
}

function namedPower(ids: IdsOfCloud, power: ComputePower): ComputePower {
  return { actions: power.actions, perform: async (id, action, call) => await power.perform(required(ids, id, 'machine'), action, call) };
}

function namedImages(ids: IdsOfCloud, images: ImageCatalogue): ImageCatalogue {
  return { list: async (call) => (await images.list(call)).map((image: Image) => ({ ...image, id: ids.outer(image.id) })) };
}

interface Questions<Thing> {
  find: (clientToken: string, call: Parameters<ComputeCloud['find']>[1]) => Promise<Thing | undefined>;
  describe: (id: string, call: Parameters<ComputeCloud['find']>[1]) => Promise<Thing | undefined>;
  list: (call: Parameters<ComputeCloud['find']>[1]) => Promise<readonly Thing[]>;
}

function namedQuestions<Thing>(ids: IdsOfCloud, cloud: Questions<Thing>, show: (thing: Thing) => Thing): Questions<Thing> {
  const optional = (thing: Thing | undefined): Thing | undefined => (thing === undefined ? undefined : show(thing));
  return {
    find: async (clientToken, call) => optional(await cloud.find(clientToken, call)),
    async describe(id, call) {
      const inner = ids.inner(id);
      return inner === undefined ? undefined : optional(await cloud.describe(inner, call));
    },
    list: async (call) => (await cloud.list(call)).map(show),
  };
}

/** The id inside the cloud of something that must be there. */
function required(ids: IdsOfCloud, id: string, what: string): string {
  const inner = ids.inner(id);
  if (inner === undefined) throw new FogbowError('not-found', `The cloud ${ids.name} has no ${what} ${id}.`);
  return inner;
}

/** What is not of this cloud is not there, and so removed. */
async function removed(ids: IdsOfCloud, id: string, remove: (inner: string) => Promise<void>): Promise<void> {
  const inner = ids.inner(id);
  if (inner !== undefined) await remove(inner);
}
