import { networkFault, parseRequirements, RESOURCE_KINDS, USER_DATA_TYPES } from '@fogbow/request-model';
import type { NetworkSpec, OrderSpec, ResourceKind, UserDataPart } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ForwardedToken, OrderRequest } from '@fogbow/messaging';
import type { OrderRecord } from '../orders/order-record.js';
import type { Uses } from '../orders/bind-order.js';

const PREFIX = 'org.fogbowcloud.order.';
const PUBLIC_KEY = 'org.fogbowcloud.credentials.publickey.data';
const ORDER_KIND = { term: 'order', scheme: 'http://schemas.fogbowcloud.org/order#', class: 'kind' };
const FLAVOR_SCHEME = 'http://schemas.fogbowcloud.org/template/resource#';
const IMAGE_SCHEME = 'http://schemas.fogbowcloud.org/template/os#';
/** Our own extension: all user data parts as base64 JSON; originals know one part only. */
const USER_DATA_PARTS = `${PREFIX}user-data-parts`;
const SIZE = `${PREFIX}storage-size`;
/** One network, as originals know it; ours names all of several, separated by commas, in an attribute of its own. */
const NETWORK_ID = `${PREFIX}network-id`;
const NETWORK_IDS = `${PREFIX}network-ids`;
const NETWORK = 'occi.network.';

/**
 * What another member needs to serve the order (spec §3.1). `uses`: the ids in that member's cloud of what the order needs. `token`: our word for
 * the user; no credential of theirs leaves home.
 */
export function toOrderRequest(order: OrderRecord, uses: Uses, token: ForwardedToken): OrderRequest {
  const { spec } = order;
  const networkIds = (spec.networkOrderIds ?? []).map((id) => uses.get(id) ?? '');
  const attributes: Record<string, string> = {
    [`${PREFIX}instance-count`]: '1',
    [`${PREFIX}type`]: order.type,
    [`${PREFIX}resource-kind`]: order.kind,
    [`${PREFIX}batch-id`]: `${order.requester}@${order.batchId}`,
    [`${PREFIX}requesting-member`]: order.requester,
    ...(spec.requirements ? { [`${PREFIX}requirements`]: spec.requirements } : {}),
    ...(spec.publicKey ? { [PUBLIC_KEY]: spec.publicKey } : {}),
    ...(spec.title ? { 'occi.core.title': spec.title } : {}),
    ...(spec.sizeGb === undefined ? {} : { [SIZE]: String(spec.sizeGb) }),
    ...(networkIds[0] === undefined ? {} : { [NETWORK_ID]: networkIds[0] }),
    ...(networkIds.length > 1 ? { [NETWORK_IDS]: networkIds.join(',') } : {}),
    ...(spec.network ? networkAttributes(spec.network) : {}),
    ...(spec.userData?.length ? { [USER_DATA_PARTS]: Buffer.from(JSON.stringify(spec.userData)).toString('base64') } : {}),
  };
  return {
    id: order.id,
    attempt: order.incarnation,
    attributes,
    categories: [
      ORDER_KIND,
      ...(spec.flavor ? [{ term: spec.flavor, scheme: FLAVOR_SCHEME, class: 'mixin' }] : []),
      ...(spec.image ? [{ term: spec.image, scheme: IMAGE_SCHEME, class: 'mixin' }] : []),
    ],
    token,
  };
}

const networkAttributes = ({ cidr, gateway, allocation }: NetworkSpec): Record<string, string> =>
  ({ [`${NETWORK}address`]: cidr, ...(gateway ? { [`${NETWORK}gateway`]: gateway } : {}), [`${NETWORK}allocation`]: allocation });

/** What a peer asks for, with the ids of our cloud as it named them. */
export interface WireOrder {
  readonly kind: ResourceKind;
  readonly batchId: string;
  readonly spec: OrderSpec;
  readonly networkIds: readonly string[];
}

/** What we are asked to serve. Throws `bad-syntax` for what cannot be understood. */
export function fromOrderRequest(request: OrderRequest): WireOrder {
  const { attributes } = request;
  const kind = RESOURCE_KINDS.find((one) => one === (attributes[`${PREFIX}resource-kind`] ?? 'compute'));
  if (!kind || kind === 'attachment') throw new FogbowError('cloud-rejected', 'This member does not serve orders of this kind.');
  const requirements = attributes[`${PREFIX}requirements`];
  if ('fault' in parseRequirements(requirements ?? '')) throw new FogbowError('invalid-requirements', 'The requirements of the order cannot be read.');
  const flavor = request.categories.find((category) => category.scheme === FLAVOR_SCHEME)?.term;
  const image = request.categories.find((category) => category.scheme === IMAGE_SCHEME)?.term;
  const publicKey = attributes[PUBLIC_KEY];
  const title = attributes['occi.core.title'];
  const userData = decodeParts(attributes[USER_DATA_PARTS]);
  return {
    kind,
    networkIds: networkIdsOf(attributes[NETWORK_IDS] ?? attributes[NETWORK_ID] ?? ''),
    batchId: (attributes[`${PREFIX}batch-id`] ?? '').split('@').at(-1) ?? '',
    spec: {
      ...(flavor ? { flavor } : {}), ...(image ? { image } : {}), ...(requirements ? { requirements } : {}),
      ...(publicKey ? { publicKey } : {}), ...(title ? { title } : {}), ...(userData.length > 0 ? { userData } : {}),
      ...(kind === 'storage' ? { sizeGb: sizeOf(attributes[SIZE]) } : {}), ...(kind === 'network' ? { network: networkOf(attributes) } : {}),
    },
  };
}

/** As many as our own users may name; each costs a question to the database. */
const MOST_NETWORKS = 16;

function networkIdsOf(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()).filter(Boolean))];
  if (ids.length > MOST_NETWORKS) throw new FogbowError('bad-syntax', `A machine can be on ${MOST_NETWORKS} networks.`);
  return ids;
}

function sizeOf(text: string | undefined): number {
  if (!/^[1-9]\d{0,8}$/.test(text ?? '')) throw new FogbowError('bad-syntax', 'The size of the volume cannot be read.');
  return Number(text);
}

function networkOf(attributes: Readonly<Record<string, string>>): NetworkSpec {
  const of = (name: string): string | undefined => attributes[NETWORK + name] || undefined;
  const [cidr = '', gateway, allocation = 'dynamic'] = [of('address'), of('gateway'), of('allocation')];
  const fault = networkFault({ cidr, gateway });
  if (fault) throw new FogbowError('bad-syntax', fault);
  if (allocation !== 'dynamic' && allocation !== 'static') throw new FogbowError('bad-syntax', 'The allocation of the network cannot be read.');
  return { cidr, allocation, ...(gateway ? { gateway } : {}) };
}

function decodeParts(encoded: string | undefined): UserDataPart[] {
  if (encoded === undefined) return [];
  try {
    const parts = JSON.parse(Buffer.from(encoded, 'base64').toString()) as unknown;
    if (Array.isArray(parts) && parts.every((part: unknown) => isPart(part))) return parts as UserDataPart[];
  } catch {
    // The same answer as for anything else that is not a list of parts.
  }
  throw new FogbowError('bad-syntax', 'The user data of the order cannot be read.');
}

/** No database takes these; JSON in base64 may hold what XML cannot. */
const UNSTORABLE = /[\0\p{Cs}]/u;

const isPart = (part: unknown): part is UserDataPart =>
  typeof part === 'object' && part !== null && typeof (part as UserDataPart).content === 'string' && !UNSTORABLE.test((part as UserDataPart).content) && (USER_DATA_TYPES as readonly string[]).includes((part as UserDataPart).contentType);
