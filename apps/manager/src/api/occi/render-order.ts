import { globalInstanceId } from '@fogbow/request-model';
import { renderAttribute, renderCategory } from '@fogbow/occi';
import type { OrderRecord } from '../../orders/order-record.js';
import { sshAddressOf } from '../ssh-address.js';
import { FLAVOR_SCHEME, IMAGE_SCHEME, ORDER_CATEGORY } from './parse-order.js';

const PREFIX = 'org.fogbowcloud.order.';
const ABSENT = 'Not defined';

/** Spec §1.6, plain: one line per order. */
export function renderOrderList(orders: readonly OrderRecord[], base: string, verbose: boolean): string {
  if (orders.length === 0) return 'There are not orders.';
  return orders.map((order) => {
    const line = `X-OCCI-Location: ${base}/${order.id}`;
    if (!verbose) return line;
    return `${line}; ${PREFIX}state=${order.state.toUpperCase()}; ${PREFIX}type=${order.type}; ${PREFIX}instance-id=${globalInstanceId(order) ?? 'null'}; ${PREFIX}resource-kind=${order.kind}`;
  }).join('\n');
}

/** Spec §1.6, text/uri-list; an empty list is a single newline. */
export function renderOrderUris(orders: readonly OrderRecord[], base: string, verbose: boolean): string {
  return `${orders.map((order) => `${base}/${order.id}${verbose ? verboseUri(order) : ''}`).join('\n')}\n`;
}

function verboseUri(order: OrderRecord): string {
  return `; State=${order.state}; ${PREFIX}type=${order.type}; ${PREFIX}requesting-member=${order.requester}; `
    + `${PREFIX}providing-member=${order.provider ?? 'None'}; ${PREFIX}instance-id=${globalInstanceId(order) ?? 'null'}`;
}

/** Spec §1.7: a newline, the categories, then every attribute; beyond the original, the reason why it is where it is. */
export function renderOrder(order: OrderRecord): string {
  const { spec } = order;
  const categories = [
    { ...ORDER_CATEGORY, title: 'Order new Instances', rel: 'http://schemas.ogf.org/occi/core#resource' },
    ...(spec.flavor ? [{ term: spec.flavor, scheme: FLAVOR_SCHEME, class: 'mixin', title: `${spec.flavor} flavor`, rel: 'http://schemas.ogf.org/occi/infrastructure#resource_tpl' }] : []),
    ...(spec.image ? [{ term: spec.image, scheme: IMAGE_SCHEME, class: 'mixin', title: `${spec.image} image`, rel: 'http://schemas.ogf.org/occi/infrastructure#os_tpl' }] : []),
  ];
  return `\n${[...categories.map((category) => `Category: ${renderCategory(category)}`), ...attributesOf(order).map(([name, value]) => renderAttribute(name, value))].join('\n')}`;
}

function attributesOf(order: OrderRecord): [string, string][] {
  const { spec } = order;
  const ssh = sshAddressOf(order);
  const own: Record<string, string | undefined> = {
    'instance-count': '1',
    type: order.type,
    'valid-from': order.validFrom?.toISOString(),
    'valid-until': order.validUntil?.toISOString(),
    'resource-kind': order.kind,
    requirements: spec.requirements,
    'batch-id': order.batchId,
    state: order.state,
    'instance-id': globalInstanceId(order) ?? 'null',
    'requesting-member': order.requester,
    'providing-member': order.provider ?? 'None',
    'storage-size': undefined,
    'network-id': 'Network default',
    reason: order.reason,
    'ssh-public-address': ssh && `${ssh.host}:${ssh.port}`,
    'ssh-username': ssh?.username,
  };
  return [
    ['occi.core.id', order.id],
    ['occi.core.title', spec.title ?? ABSENT],
    ...Object.entries(own).map(([name, value]): [string, string] => [PREFIX + name, value ?? ABSENT]),
    ['org.fogbowcloud.credentials.publickey.data', spec.publicKey ?? ABSENT],
  ];
}
