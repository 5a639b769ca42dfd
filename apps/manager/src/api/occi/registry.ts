import type { Category, Resource, ResourceAttribute } from '@fogbow/occi';
import { COMPUTE_ACTIONS, CORE, FLAVOR_SCHEME, IMAGE_SCHEME, INFRASTRUCTURE, OLD_ORDER_CATEGORY, ORDER_CATEGORY, ORDER_SCHEME, OS_TPL, PREFIX, PUBLIC_KEY, RESOURCE_TPL } from './names.js';

export const ORDER_ATTRIBUTES = [
  ...['instance-count', 'type', 'valid-from', 'valid-until', 'resource-kind', 'storage-size', 'network-id', 'requirements', 'user-data', 'extra-user-data',
    'extra-user-data-content-type', 'batch-id', 'state', 'instance-id', 'requesting-member', 'providing-member'].map((name) => PREFIX + name),
  PUBLIC_KEY, 'org.fogbowcloud.credentials.publickey.name', 'occi.core.id', 'occi.core.title', 'occi.network.address', 'occi.network.gateway', 'occi.network.allocation',
] as const;

const named = (...names: readonly string[]): ResourceAttribute[] => names.map((name) => ({ name }));
const fixed = (name: string): ResourceAttribute => ({ name, immutable: true });
const under = (prefix: string, ...names: readonly string[]): string[] => names.map((name) => prefix + name);
const kind = (term: string, scheme: string, more: Partial<Resource> = {}): Resource => ({ term, scheme, class: 'kind', ...more });
const mixin = (term: string, scheme: string, more: Partial<Resource> = {}): Resource => ({ term, scheme, class: 'mixin', ...more });
const infrastructure = (term: string, title: string, attributes: readonly ResourceAttribute[], actions: readonly string[] = []): Resource =>
  kind(term, INFRASTRUCTURE, { title, rel: `${CORE}resource`, location: `/${term}/`, attributes, actions });

const ACTIONS = ['start', 'stop', 'restart', 'suspend'];

/** Locations are paths here; answers show them below the address that the client spoke to. */
const FIXED: readonly Resource[] = [
  kind('resource', CORE), kind('entity', CORE), kind('link', CORE),
  kind(ORDER_CATEGORY.term, ORDER_SCHEME, { title: 'Order new Instances', rel: `${CORE}resource`, location: '/order/', attributes: named(...ORDER_ATTRIBUTES) }),
  infrastructure('compute', 'Compute Resource',
    [...named('occi.compute.architecture'), fixed('occi.compute.state'), ...named(...under('occi.compute.', 'speed', 'memory', 'cores', 'hostname'))], ACTIONS.map((action) => COMPUTE_ACTIONS + action)),
  infrastructure('storage', 'Storage Resource', [fixed('occi.storage.state'), ...named('occi.storage.size')]),
  infrastructure('network', 'Network Resource', named(...under('occi.network.', 'vlan', 'label', 'state', 'address', 'gateway', 'allocation'))),
  kind('storagelink', INFRASTRUCTURE, { title: 'Links storage to a compute', rel: `${CORE}link`, location: '/storage/link/', attributes: [fixed('occi.storagelink.state'), ...named('occi.storagelink.mountpoint', 'occi.storagelink.deviceid')] }),
  kind('networkinterface', INFRASTRUCTURE, { title: 'Links a network to a compute', rel: `${CORE}link`, attributes: named(...under('occi.networkinterface.', 'mac', 'interface', 'state')) }),
  mixin('fogbow_userdata', ORDER_SCHEME, { location: '/fogbow_userdata/', attributes: named(...under(PREFIX, 'extra-user-data', 'extra-user-data-content-type')) }),
  mixin('fogbow_public_key', 'http://schemas.fogbowcloud/credentials#', { location: '/fogbow_public_key/', attributes: named(PUBLIC_KEY) }),
  mixin('resource_tpl', INFRASTRUCTURE), mixin('os_tpl', INFRASTRUCTURE),
];

/** Taken from old clients, told to nobody (spec §1.1). */
const ALIASES: readonly Category[] = [
  OLD_ORDER_CATEGORY,
  mixin('fogbow_userdata', OLD_ORDER_CATEGORY.scheme),
  mixin('public_key', 'http://schemas.openstack.org/instance/credentials#'),
];

export const flavorResource = (name: string): Resource => mixin(name, FLAVOR_SCHEME, { title: `${name} flavor`, rel: RESOURCE_TPL, location: `/${encodeURIComponent(name)}/` });
export const imageResource = (name: string): Resource => mixin(name, IMAGE_SCHEME, { title: `${name} image`, rel: OS_TPL, location: `/${encodeURIComponent(name)}/` });

/** Every category that this Manager knows (spec §1.11). */
export const registry = (flavorNames: readonly string[]): readonly Resource[] => [...FIXED, ...flavorNames.map(flavorResource)];

export const fixedResource = (term: string): Resource => FIXED.find((resource) => resource.term === term) as Resource;
export const ACCEPTED: readonly Category[] = [...FIXED, ...ALIASES];

/** The same with its location below the given address. */
export const located = (resource: Resource, root: string): Resource => (resource.location ? { ...resource, location: root + resource.location } : resource);
