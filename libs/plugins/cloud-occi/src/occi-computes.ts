import { encodeUserData } from '@fogbow/request-model';
import type { ServiceAddress, Size, UserDataPart } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputeCloud, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import { FLAVOR_SCHEME, IMAGE_SCHEME, INFRASTRUCTURE, mixinOf, PREFIX, PUBLIC_KEY } from './occi-names.js';
import { isId } from './occi-resource.js';
import type { OcciResource } from './occi-resource.js';
import { faultOf, instanceState } from './occi-states.js';
import { clientTokenOf, hasCode } from './thing-calls.js';
import type { ThingCalls, Wish } from './thing-calls.js';

/** What the operator says about sizes and images. */
export interface Templates {
  /** Image of orders that name none. */
  readonly image?: string;
  /** Our names → those of the endpoint. */
  readonly images: Readonly<Record<string, string>>;
  readonly flavors: Readonly<Record<string, string>>;
}

export interface ComputeOptions {
  readonly things: ThingCalls;
  readonly templates: Templates;
  readonly quota: ComputeCloud['quota'];
  readonly atomicCreate: boolean;
  /** Takes the volumes out of a machine; false when there was none in it. */
  detachAll(instanceId: string, call: CloudCall): Promise<boolean>;
}

export function createComputes({ things, templates, quota, atomicCreate, detachAll }: ComputeOptions): ComputeCloud {
  return {
    capabilities: { bootsUserData: true, givesAccess: true, atomicCreate },
    quota,
    create: async (request, call) => toInstance(await things.create(wishOf(request, templates), call)),
    find: async (clientToken, call) => optional(await things.find(clientToken, call)),
    describe: async (id, call) => optional(await things.describe(id, call)),
    list: async (call) => (await things.list(call)).map(toInstance),
    async remove(id, call) {
      await things.remove(id, call).catch(async (error: unknown) => {
        // A machine goes with its attachments; in OCCI they hold it (spec §1.8).
        if (!hasCode(error, 'cloud-rejected', 'conflict') || !await detachAll(id, call)) throw error;
        await things.remove(id, call);
      });
    },
  };
}

const optional = (resource: OcciResource | undefined): Instance | undefined => resource && toInstance(resource);

/** Pure: the request as OCCI has it. Throws cloud-rejected for what cannot be said there. */
export function wishOf({ clientToken, size, flavor, image, publicKey, userData, networkIds = [] }: InstanceRequest, templates: Templates): Wish {
  const template = flavor === undefined ? undefined : own(templates.flavors, flavor);
  return {
    clientToken,
    mixins: [mixinOf(imageOf(image, templates), IMAGE_SCHEME), ...(template ? [mixinOf(template, FLAVOR_SCHEME)] : [])],
    attributes: { ...(template ? {} : sizeOf(size)), ...(publicKey ? { [PUBLIC_KEY]: publicKey } : {}), ...userDataOf(userData) },
    ...(networkIds.length > 0 ? { headers: { Link: networkIds.map(networkLink).join(', ') } } : {}),
  };
}

const own = (map: Readonly<Record<string, string>>, name: string): string | undefined => (Object.hasOwn(map, name) ? map[name] : undefined);

function imageOf(image: string | undefined, { image: usual, images }: Templates): string {
  const word = image === undefined ? usual : own(images, image) ?? image;
  if (word === undefined) throw new FogbowError('cloud-rejected', 'The order names no image, and the OCCI endpoint wants one: name one, or set cloud.settings.image.');
  if (!/^(?:[^\s"]{1,500}#)?[^\s"#;=,]{1,200}$/.test(word)) throw new FogbowError('cloud-rejected', `The image ${JSON.stringify(word)} cannot be named in OCCI; give it another name in cloud.settings.images.`);
  return word;
}

/** Least sizes. Memory in GB, as OCCI counts it; a disk that nobody asked for is left out. */
function sizeOf({ vcpu, ramMb, diskGb }: Size): Record<string, string> {
  return {
    'occi.compute.cores': String(vcpu), 'occi.compute.memory': String(ramMb / 1024),
    ...(diskGb > 0 ? { 'occi.compute.ephemeral_storage.size': String(diskGb) } : {}),
  };
}

/** One part goes as it is, which originals understand too; several as the multipart text of cloud-init. */
function userDataOf(parts: readonly UserDataPart[]): Record<string, string> {
  const [first, ...others] = parts;
  if (!first) return {};
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  if (others.length > 0) return { [`${PREFIX}extra-user-data`]: base64(encodeUserData(parts)) };
  return { [`${PREFIX}extra-user-data`]: base64(first.content), [`${PREFIX}extra-user-data-content-type`]: first.contentType };
}

function networkLink(id: string): string {
  if (!isId(id)) throw new FogbowError('not-found', `There is no network ${JSON.stringify(id)} at the OCCI endpoint.`);
  return `</network/${id}>; rel="${INFRASTRUCTURE}network"; category="${INFRASTRUCTURE}networkinterface"`;
}

function toInstance(resource: OcciResource): Instance {
  const { id, title, attributes, links } = resource;
  const told = (name: string): string | undefined => attributes.get(PREFIX + name) || undefined;
  const sshAddress = parseAddress(told('ssh-public-address'));
  const [sshUsername, sshHostKey, localAddress] = [told('ssh-username'), told('ssh-host-key'), told('local-ip-address')];
  const networks = links.filter(({ target }) => !OUTWARD.includes(target)).flatMap((link) => {
    const address = link.attributes.get('occi.networkinterface.address');
    return address ? [{ networkId: link.target, address }] : [];
  });
  return {
    id, clientToken: clientTokenOf(title), state: instanceState(resource), ...faultOf(resource),
    ...(sshAddress ? { sshAddress } : {}), ...(sshUsername ? { sshUsername } : {}), ...(sshHostKey ? { sshHostKey } : {}), ...(localAddress ? { localAddress } : {}),
    ...(networks.length > 0 ? { networks } : {}),
  };
}

/** A Manager's names for the ways to the outside (spec §1.8); they are nobody's networks. */
const OUTWARD: readonly string[] = ['public', 'private'];

function parseAddress(text: string | undefined): ServiceAddress | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text ?? '') ?? [];
  return host && port ? { host, port: Number(port) } : undefined;
}
