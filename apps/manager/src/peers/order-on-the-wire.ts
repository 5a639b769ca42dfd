import { parseRequirements, USER_DATA_TYPES } from '@fogbow/request-model';
import type { OrderSpec, UserDataPart, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderRequest } from '@fogbow/messaging';
import type { OrderRecord } from '../orders/order-record.js';

const PREFIX = 'org.fogbowcloud.order.';
const PUBLIC_KEY = 'org.fogbowcloud.credentials.publickey.data';
const ORDER_KIND = { term: 'order', scheme: 'http://schemas.fogbowcloud.org/order#', class: 'kind' };
const FLAVOR_SCHEME = 'http://schemas.fogbowcloud.org/template/resource#';
const IMAGE_SCHEME = 'http://schemas.fogbowcloud.org/template/os#';
/** Our own extension: all user data parts as base64 JSON; originals know one part only. */
const USER_DATA_PARTS = `${PREFIX}user-data-parts`;

/** What another member needs to serve the order (spec §3.1). The user is named; no credential of theirs leaves home. */
export function toOrderRequest(order: OrderRecord): OrderRequest {
  const { spec } = order;
  const attributes: Record<string, string> = {
    [`${PREFIX}instance-count`]: '1',
    [`${PREFIX}type`]: order.type,
    [`${PREFIX}resource-kind`]: order.kind,
    [`${PREFIX}batch-id`]: `${order.requester}@${order.batchId}`,
    [`${PREFIX}requesting-member`]: order.requester,
    ...(spec.requirements ? { [`${PREFIX}requirements`]: spec.requirements } : {}),
    ...(spec.publicKey ? { [PUBLIC_KEY]: spec.publicKey } : {}),
    ...(spec.title ? { 'occi.core.title': spec.title } : {}),
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
    token: { accessId: '', userId: order.owner.id, userName: order.owner.name },
  };
}

/** What we are asked to serve. Throws `bad-syntax` for what cannot be understood. */
export function fromOrderRequest(request: OrderRequest): { readonly owner: UserRef; readonly batchId: string; readonly spec: OrderSpec } {
  const { attributes } = request;
  const kind = attributes[`${PREFIX}resource-kind`] ?? 'compute';
  if (kind !== 'compute') throw new FogbowError('cloud-rejected', `This member does not serve orders for ${kind}.`);
  const requirements = attributes[`${PREFIX}requirements`];
  if ('fault' in parseRequirements(requirements ?? '')) throw new FogbowError('invalid-requirements', 'The requirements of the order cannot be read.');
  const flavor = request.categories.find((category) => category.scheme === FLAVOR_SCHEME)?.term;
  const image = request.categories.find((category) => category.scheme === IMAGE_SCHEME)?.term;
  const publicKey = attributes[PUBLIC_KEY];
  const title = attributes['occi.core.title'];
  const userData = decodeParts(attributes[USER_DATA_PARTS]);
  return {
    owner: { id: request.token?.userId ?? '', name: request.token?.userName ?? '' },
    batchId: (attributes[`${PREFIX}batch-id`] ?? '').split('@').at(-1) ?? '',
    spec: {
      ...(flavor ? { flavor } : {}), ...(image ? { image } : {}), ...(requirements ? { requirements } : {}),
      ...(publicKey ? { publicKey } : {}), ...(title ? { title } : {}), ...(userData.length > 0 ? { userData } : {}),
    },
  };
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

const isPart = (part: unknown): part is UserDataPart =>
  typeof part === 'object' && part !== null && typeof (part as UserDataPart).content === 'string' && (USER_DATA_TYPES as readonly string[]).includes((part as UserDataPart).contentType);
