import { globalInstanceId } from '@fogbow/request-model';
import { renderEntityLines } from '@fogbow/occi';
import type { Entity, Resource } from '@fogbow/occi';
import type { ListedOrder } from '../../orders/order-record.js';
import { extraPortsOf, sshAddressOf } from '../ssh-address.js';
import { ABSENT, PUBLIC_KEY } from './names.js';
import type { Dialect } from './names.js';
import { promisedName } from './instance-names.js';
import { filled, networkAttributes } from './resource-collections.js';
import { fixedResource, flavorResource, imageResource, located } from './registry.js';

/** Spec §1.6, plain: one line per order. */
export function renderOrderList(orders: readonly ListedOrder[], base: string, verbose: boolean, { prefix }: Dialect): string {
  if (orders.length === 0) return 'There are not orders.';
  return orders.map((order) => {
    const line = `X-OCCI-Location: ${base}/${order.id}`;
    if (!verbose) return line;
    return `${line}; ${prefix}state=${order.state.toUpperCase()}; ${prefix}type=${order.type}; ${prefix}instance-id=${globalInstanceId(order) ?? 'null'}; ${prefix}resource-kind=${order.kind}`;
  }).join('\n');
}

/** Spec §1.6, text/uri-list; an empty list is a single newline. */
export function renderOrderUris(orders: readonly ListedOrder[], base: string, verbose: boolean, { prefix }: Dialect): string {
  return `${orders.map((order) => `${base}/${order.id}${verbose ? verboseUri(order, prefix) : ''}`).join('\n')}\n`;
}

function verboseUri(order: ListedOrder, prefix: string): string {
  return `; State=${order.state}; ${prefix}type=${order.type}; ${prefix}requesting-member=${order.requester}; `
    + `${prefix}providing-member=${order.provider ?? 'None'}; ${prefix}instance-id=${globalInstanceId(order) ?? 'null'}`;
}

/** Spec §1.7: a newline, the categories, then every attribute with a blank at its end. */
export const renderOrder = (entity: Entity): string => `\n${renderEntityLines(entity, ' ')}`;

/** An order as OCCI sees it; beyond the original, the reason why it is where it is and where to log in. */
export function orderEntity(order: ListedOrder, root: string, dialect: Dialect): Entity {
  const { spec } = order;
  return {
    id: `urn:uuid:${order.id}`,
    title: spec.title,
    kind: orderKind(root, dialect),
    mixins: [...(spec.flavor ? [flavorResource(spec.flavor)] : []), ...(spec.image ? [imageResource(spec.image)] : [])].map((resource) => located(resource, root)),
    attributes: orderAttributes(order, dialect.prefix),
    beyond: order.failure ? [[`${dialect.prefix}failure`, order.failure]] : [],
    links: [],
  };
}

function orderKind(root: string, { kind, path, prefix }: Dialect): Resource {
  const present = fixedResource('order');
  const attributes = (present.attributes ?? []).map((attribute) => ({ ...attribute, name: attribute.name.replace(/^org\.fogbowcloud\.order\./, prefix) }));
  return located({ ...present, ...kind, location: `${path}/`, attributes }, root);
}

/** Longer ones are not shown: an answer of headers alone must stay one that clients take. */
const SHOWN_USER_DATA = 4096;

/** The original kept what it was given beside what it made of it, `user-data`; here both are parts, and the first is what was given. */
function userDataOf({ userData: [first] = [] }: ListedOrder['spec']): Record<string, string | undefined> {
  const encoded = first && Buffer.from(first.content).toString('base64');
  return { 'user-data': undefined, 'extra-user-data': encoded && encoded.length <= SHOWN_USER_DATA ? encoded : undefined, 'extra-user-data-content-type': first?.contentType };
}

export function orderAttributes(order: ListedOrder, prefix: string): [name: string, value: string][] {
  const { spec } = order;
  const ssh = sshAddressOf(order);
  const own: Record<string, string | undefined> = {
    'instance-count': '1',
    type: order.type,
    'valid-from': order.validFrom?.toISOString(),
    'valid-until': order.validUntil?.toISOString(),
    'resource-kind': order.kind,
    requirements: spec.requirements,
    ...userDataOf(spec),
    'batch-id': order.batchId,
    state: order.state,
    'instance-id': globalInstanceId(order) ?? 'null',
    'requesting-member': order.requester,
    'providing-member': order.provider ?? 'None',
    'storage-size': spec.sizeGb === undefined ? undefined : String(spec.sizeGb),
    'network-id': spec.networkOrderIds?.map((id) => promisedName('network', id)).join(',') ?? 'Network default',
    reason: order.reason,
    'ssh-public-address': ssh && `${ssh.host}:${ssh.port}`,
    'ssh-username': ssh?.username,
    'extra-ports': extraPortsOf(order),
  };
  return [
    ['occi.core.id', order.id],
    ['occi.core.title', spec.title ?? ABSENT],
    ...Object.entries(own).map(([name, value]): [string, string] => [prefix + name, value ?? ABSENT]),
    [PUBLIC_KEY, spec.publicKey ?? ABSENT],
    // Spec §1.7 lists them for every kind of order.
    ...filled(networkAttributes(order)),
  ];
}
