import { renderAttribute, renderCategory } from '@fogbow/occi';
import type { AccountingView, AmountView, FlavorView, ImageView, OrderView, QuotaView, ResourceView, UsageView } from '../api/views.js';
import { printable } from './printable.js';

/** Where each kind lives in OCCI (spec §1.2), and what an empty list of it says. */
const OCCI_KINDS = {
  order: { path: 'order', none: 'There are not orders.' },
  computes: { path: 'compute', none: 'There are no compute instances.' },
  volumes: { path: 'storage', none: 'There are no storage instances.' },
  networks: { path: 'network', none: 'There are no network instances.' },
  attachments: { path: 'storage/link', none: 'There are not storage links.' },
} as const;
export type OcciKind = keyof typeof OCCI_KINDS;

const FEDERATED: Readonly<Partial<Record<OcciKind, string>>> = { computes: 'federated_instance_', volumes: 'federated_storage_', networks: 'federated_network_' };

const PREFIX = 'org.fogbowcloud.order.';
const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
const ABSENT = 'Not defined';

/** What a create answers: one location a line. Resources made through orders go by their federated names (spec §1.8). */
export const renderLocations = (url: string, kind: OcciKind, ids: readonly string[]): string =>
  ids.map((id) => `X-OCCI-Location: ${url}/${OCCI_KINDS[kind].path}/${FEDERATED[kind] ?? ''}${printable(id)}`).join('\n');

export function renderOrderLocations(url: string, orders: readonly OrderView[]): string {
  return orders.length === 0 ? OCCI_KINDS.order.none : renderLocations(url, 'order', orders.map(({ id }) => id));
}

export function renderResourceLocations(url: string, kind: Exclude<OcciKind, 'order'>, resources: readonly ResourceView[]): string {
  if (resources.length === 0) return OCCI_KINDS[kind].none;
  return resources.map((one) => (one.instanceId ? `X-OCCI-Location: ${url}/${OCCI_KINDS[kind].path}/${printable(one.instanceId)}` : renderLocations(url, kind, [one.orderId ?? one.id ?? '']))).join('\n');
}

/** Spec §1.7. */
export function renderOcciOrder(order: OrderView): string {
  const categories = [
    { term: 'order', scheme: 'http://schemas.fogbowcloud.org/order#', class: 'kind', title: 'Order new Instances', rel: 'http://schemas.ogf.org/occi/core#resource' },
    ...(order.flavor ? [flavorCategory(order.flavor)] : []),
    ...(order.image ? [imageCategory(order.image)] : []),
  ];
  return `\n${[...categories.map((category) => `Category: ${renderCategory(category)}`), ...lines(orderAttributes(order))].join('\n')}`;
}

function orderAttributes(order: OrderView): [string, string | undefined][] {
  const own: Record<string, string | undefined> = {
    'instance-count': '1', type: order.type, 'valid-from': order.validFrom, 'valid-until': order.validUntil, 'resource-kind': order.kind,
    requirements: order.requirements, 'batch-id': order.batchId, state: order.state, 'instance-id': order.instanceId ?? 'null',
    'requesting-member': order.requestingMember, 'providing-member': order.providingMember ?? 'None',
    'storage-size': order.sizeGb?.toString(), 'network-id': order.networkOrderIds?.join(' ') ?? 'Network default',
    reason: order.reason, ...accessAttributes(order),
  };
  return [
    ['occi.core.id', order.id], ['occi.core.title', order.title],
    ...Object.entries(own).map(([name, value]): [string, string | undefined] => [PREFIX + name, value]),
    ['org.fogbowcloud.credentials.publickey.data', order.publicKey],
  ];
}

const accessAttributes = ({ ssh }: ResourceView): Record<string, string | undefined> => ({ 'ssh-public-address': ssh && `${ssh.host}:${ssh.port}`, 'ssh-username': ssh?.username });

const OCCI_STATES: Readonly<Record<string, string>> = { fulfilled: 'active', running: 'active', active: 'active', suspended: 'suspended' };
const occiState = (one: ResourceView): string => OCCI_STATES[one.instanceState ?? one.state ?? ''] ?? 'inactive';

/** Spec §1.8 to §1.10, with what JSON tells. */
export function renderOcciResource(kind: Exclude<OcciKind, 'order'>, one: ResourceView): string {
  const id: [string, string | undefined] = ['occi.core.id', one.instanceId ?? one.orderId ?? one.id];
  const term = { computes: 'compute', volumes: 'storage', networks: 'network', attachments: 'storagelink' }[kind];
  return `\n${[`Category: ${renderCategory({ term, scheme: INFRASTRUCTURE, class: 'kind' })}`, ...lines([id, ...resourceAttributes(kind, one)])].join('\n')}`;
}

function resourceAttributes(kind: Exclude<OcciKind, 'order'>, one: ResourceView): [string, string | undefined][] {
  const { network, attachment } = one;
  switch (kind) {
    case 'computes': return [
      ['occi.compute.state', occiState(one)], ['occi.compute.cores', one.vcpu?.toString()],
      ['occi.compute.memory', one.ramMb === undefined ? undefined : String(one.ramMb / 1024)], ['occi.core.title', one.title],
      ...Object.entries({ ...accessAttributes(one), 'local-ip-address': one.localAddress }).map(([name, value]): [string, string | undefined] => [PREFIX + name, value]),
    ];
    case 'volumes': return [['occi.storage.name', one.title], ['occi.storage.status', occiState(one)], ['occi.storage.size', one.sizeGb?.toString()]];
    case 'networks': return [
      ['occi.network.vlan', undefined], ['occi.network.label', one.title], ['occi.network.state', occiState(one)],
      ['occi.network.address', network?.cidr], ['occi.network.gateway', network?.gateway], ['occi.network.allocation', network?.allocation],
    ];
    case 'attachments': return [
      ['occi.core.source', attachment?.computeOrderId], ['occi.core.target', attachment?.volumeOrderId],
      ['occi.storagelink.deviceid', attachment?.device], ['occi.storagelink.state', occiState(one)],
    ];
  }
}

const lines = (attributes: readonly [string, string | undefined][]): string[] => attributes.map(([name, value]) => renderAttribute(name, printable(value ?? ABSENT)));

const flavorCategory = (name: string): Parameters<typeof renderCategory>[0] =>
  ({ term: printable(name), scheme: 'http://schemas.fogbowcloud.org/template/resource#', class: 'mixin', title: `${printable(name)} flavor`, rel: `${INFRASTRUCTURE}resource_tpl` });
const imageCategory = (name: string): Parameters<typeof renderCategory>[0] =>
  ({ term: printable(name), scheme: 'http://schemas.fogbowcloud.org/template/os#', class: 'mixin', title: `${printable(name)} image`, rel: `${INFRASTRUCTURE}os_tpl` });

export const renderOcciFlavors = (flavors: readonly FlavorView[]): string => flavors.map(({ name }) => `Category: ${renderCategory(flavorCategory(name))}`).join('\n');
export const renderOcciImages = (images: readonly ImageView[]): string => images.map(({ name }) => `Category: ${renderCategory(imageCategory(name))}`).join('\n');

/** Nine lines in the order of spec §1.11; -1 where there is no limit. */
export function renderOcciQuota({ limit, used, usedByCaller }: QuotaView): string {
  const names = [['cpu', 'vcpu'], ['mem', 'ramMb'], ['instances', 'instances']] as const;
  const line = (name: string, amount: AmountView | undefined, key: keyof AmountView, absent: number): string => `X-OCCI-Attribute: ${name}=${amount?.[key] ?? absent}`;
  return names.flatMap(([name, key]) => [line(`${name}Quota`, limit, key, -1), line(`${name}InUse`, used, key, 0), line(`${name}InUseByUser`, usedByCaller, key, 0)]).join('\n');
}

export function renderOcciUsage(member: string, { computeUsage, storageUsage }: UsageView): string {
  return [['memberId', member], ['compute usage', decimal(computeUsage)], ['storage usage', decimal(storageUsage)]].map(([name, value]) => `X-OCCI-Attribute: ${name}=${value}`).join('\n');
}

/** Six decimals at most, one at least: 20.5, 0.0. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value * 1e6) / 1e6));

export function renderOcciAccounting(entries: readonly AccountingView[]): string {
  if (entries.length === 0) return 'There is not accounting information.';
  return ['<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>', ...entries.map((one) => printable(`${one.user}; ${one.requestingMember}; ${one.providingMember}; ${one.usage}`))].join('\n');
}
