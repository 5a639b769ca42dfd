import { ORDER_TYPES, RESOURCE_KINDS, USER_DATA_TYPES } from '@fogbow/request-model';
import type { OrderSpec, OrderType, ResourceKind, UserDataPart, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { parseAttributes, parseCategory, sameCategory, UNSUPPORTED_ATTRIBUTES } from '@fogbow/occi';
import type { Category } from '@fogbow/occi';
import type { Submission } from '../../orders/submit-orders.js';

export const ORDER_SCHEME = 'http://schemas.fogbowcloud.org/order#';
export const FLAVOR_SCHEME = 'http://schemas.fogbowcloud.org/template/resource#';
export const IMAGE_SCHEME = 'http://schemas.fogbowcloud.org/template/os#';
const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
export const ORDER_CATEGORY: Category = { term: 'order', scheme: ORDER_SCHEME, class: 'kind' };

/** The names of 2014 (spec §1.1) are the same thing. */
const OLD_ORDER_CATEGORY: Category = { term: 'fogbow_request', scheme: 'http://schemas.fogbowcloud.org/request#', class: 'kind' };
const KNOWN: readonly Category[] = [
  ORDER_CATEGORY,
  OLD_ORDER_CATEGORY,
  { term: 'compute', scheme: INFRASTRUCTURE, class: 'kind' },
  { term: 'storage', scheme: INFRASTRUCTURE, class: 'kind' },
  { term: 'network', scheme: INFRASTRUCTURE, class: 'kind' },
  { term: 'resource_tpl', scheme: INFRASTRUCTURE, class: 'mixin' },
  { term: 'os_tpl', scheme: INFRASTRUCTURE, class: 'mixin' },
  { term: 'fogbow_userdata', scheme: ORDER_SCHEME, class: 'mixin' },
  { term: 'fogbow_userdata', scheme: OLD_ORDER_CATEGORY.scheme, class: 'mixin' },
  { term: 'fogbow_public_key', scheme: 'http://schemas.fogbowcloud/credentials#', class: 'mixin' },
];

const PUBLIC_KEY = 'org.fogbowcloud.credentials.publickey.data';
const PREFIX = 'org.fogbowcloud.order.';
const OLD_PREFIX = 'org.fogbowcloud.request.';
const ATTRIBUTES = new Set([
  ...['instance-count', 'type', 'valid-from', 'valid-until', 'resource-kind', 'storage-size', 'network-id', 'requirements', 'user-data', 'extra-user-data',
    'extra-user-data-content-type', 'batch-id', 'state', 'instance-id', 'requesting-member', 'providing-member'].map((name) => PREFIX + name),
  PUBLIC_KEY, 'occi.core.id', 'occi.core.title', 'occi.network.address', 'occi.network.gateway', 'occi.network.allocation',
]);

export interface OcciOrderInput {
  readonly categories: readonly string[];
  readonly attributes: readonly string[];
}

/** Spec §1.5: categories first, then attributes. */
export function parseOrder(owner: UserRef, input: OcciOrderInput, flavorNames: readonly string[]): Submission {
  const categories = input.categories.map(parseCategory);
  const flavor = readCategories(categories, flavorNames);
  const image = categories.find((category) => category.scheme === IMAGE_SCHEME)?.term;
  const attributes = new Map([...parseAttributes(input.attributes)].map(([name, value]) => [name.replace(OLD_PREFIX, PREFIX), value]));
  for (const name of attributes.keys()) if (!ATTRIBUTES.has(name)) throw unsupported();
  const of = (name: string): string | undefined => attributes.get(PREFIX + name) || undefined;
  const validFrom = parseDate(of('valid-from'), 'start');
  const validUntil = parseDate(of('valid-until'), 'end');
  return {
    owner,
    count: parseCount(of('instance-count')),
    kind: readKind(of('resource-kind'), attributes),
    type: oneOf<OrderType>(of('type') ?? 'one-time', ORDER_TYPES),
    spec: specOf({ flavor, image, requirements: of('requirements'), publicKey: attributes.get(PUBLIC_KEY), title: attributes.get('occi.core.title'), userData: readUserData(of) }),
    ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
  };
}

function readCategories(categories: readonly Category[], flavorNames: readonly string[]): string | undefined {
  let flavor: string | undefined;
  for (const category of categories) {
    if (category.scheme === FLAVOR_SCHEME) {
      if (!flavorNames.includes(category.term)) throw new FogbowError('unknown-category', 'There is not a static flavor specified in configuration file.');
      flavor = category.term;
    } else if (category.scheme !== IMAGE_SCHEME && !KNOWN.some((known) => sameCategory(known, category))) {
      throw new FogbowError('unknown-category', `The cloud does not support category: ${category.term}`);
    }
  }
  if (!categories.some((category) => sameCategory(category, ORDER_CATEGORY) || sameCategory(category, OLD_ORDER_CATEGORY))) throw new FogbowError('bad-syntax', 'Irregular Syntax.');
  return flavor;
}

function specOf(parts: { [K in keyof OrderSpec]: OrderSpec[K] | undefined }): OrderSpec {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)));
}

const unsupported = (): FogbowError => new FogbowError('unsupported-attribute', UNSUPPORTED_ATTRIBUTES);

function oneOf<T extends string>(value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) throw unsupported();
  return value as T;
}

function parseCount(text: string | undefined): number {
  if (text === undefined) return 1;
  if (!/^\d{1,6}$/.test(text)) throw unsupported();
  return Number(text);
}

function readKind(text: string | undefined, attributes: ReadonlyMap<string, string>): ResourceKind {
  if (text === undefined) throw new FogbowError('unsupported-attribute', 'Resource kind not found.');
  const kind = oneOf<ResourceKind>(text, RESOURCE_KINDS);
  if (kind === 'storage' && !attributes.get(`${PREFIX}storage-size`)) throw new FogbowError('unsupported-attribute', 'Storage size not found.');
  return kind;
}

/** A date alone means the whole day in UTC; the original took it for a moment and closed the order (spec §1.5 BUG). */
export function parseDate(text: string | undefined, edge: 'start' | 'end'): Date | undefined {
  if (text === undefined) return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const date = new Date(day ? `${text}T${edge === 'start' ? '00:00:00.000' : '23:59:59.999'}Z` : text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(date.getTime()) || !/^\d{4}-/.test(text)) throw unsupported();
  return date;
}

/** The user's own cloud-init part; `[[\n]]` stands for a line break (spec §1.5). */
function readUserData(of: (name: string) => string | undefined): UserDataPart[] {
  const encoded = of('extra-user-data');
  if (!encoded) return [];
  const content = Buffer.from(encoded.replaceAll('[[\\n]]', '\n'), 'base64').toString('utf8');
  return [{ content, contentType: oneOf(of('extra-user-data-content-type') ?? guessContentType(content), USER_DATA_TYPES) }];
}

const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['#include', 'text/x-include-url'], ['#upstart-job', 'text/upstart-job'], ['#cloud-config', 'text/cloud-config'],
  ['#part-handler', 'text/part-handler'], ['#cloud-boothook', 'text/cloud-boothook'], ['#!', 'text/x-shellscript'],
];

/** Spec §1.14: the type of a part by its first characters. */
function guessContentType(content: string): string {
  const found = BEGINNINGS.find(([beginning]) => content.startsWith(beginning));
  if (!found) throw unsupported();
  return found[1];
}
