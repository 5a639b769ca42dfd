import { decodeUserData, ORDER_TYPES, USER_DATA_TYPES } from '@fogbow/request-model';
import type { OrderSpec, OrderType, ResourceKind, UserDataPart, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { irregular, sameCategory, UNSUPPORTED_ATTRIBUTES } from '@fogbow/occi';
import type { Category, OcciInput } from '@fogbow/occi';
import type { Submission } from '../../orders/submission.js';
import { FLAVOR_SCHEME, IMAGE_SCHEME, OLD_ORDER_CATEGORY, ORDER_CATEGORY, PREFIX, presentName, PUBLIC_KEY } from './names.js';
import { ACCEPTED, ORDER_ATTRIBUTES } from './registry.js';
import { parseNetwork, parseSize } from './resource-collections.js';

const ATTRIBUTES: ReadonlySet<string> = new Set(ORDER_ATTRIBUTES);

/** Spec §1.5. The categories have passed {@link checkOrderCategories}; the links have been looked up. */
export function parseOrder(owner: UserRef, { categories, attributes: given }: OcciInput, networkOrderIds: readonly string[] = []): Submission {
  const flavor = categories.find((category) => category.scheme === FLAVOR_SCHEME)?.term;
  const image = categories.find((category) => category.scheme === IMAGE_SCHEME)?.term;
  const attributes = new Map([...given].map(([name, value]) => [presentName(name), value]));
  for (const name of attributes.keys()) if (!ATTRIBUTES.has(name)) throw unsupported();
  const of = (name: string): string | undefined => attributes.get(PREFIX + name) || undefined;
  // It is set from the Link header; on its own it names nothing that we could look up (spec §1.5: unknown 404).
  if (of('network-id')) throw new FogbowError('not-found', 'Resource not found.');
  const kind = readKind(of('resource-kind'));
  const validFrom = parseDate(of('valid-from'), 'start');
  const validUntil = parseDate(of('valid-until'), 'end');
  return {
    owner,
    count: parseCount(of('instance-count')),
    kind,
    type: oneOf<OrderType>(of('type') ?? 'one-time', ORDER_TYPES),
    spec: specOf({ flavor, image, requirements: of('requirements'), publicKey: attributes.get(PUBLIC_KEY), title: attributes.get('occi.core.title'), userData: readUserData(of), networkOrderIds, ...resourceOf(kind, attributes) }),
    ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
  };
}

/** All must be known, and one must be the kind of orders; any image may be named (spec §1.5). */
export function checkOrderCategories(categories: readonly Category[], flavorNames: readonly string[]): void {
  checkKnown(categories, flavorNames);
  if (!categories.some((category) => sameCategory(category, ORDER_CATEGORY) || sameCategory(category, OLD_ORDER_CATEGORY))) throw irregular();
}

function checkKnown(categories: readonly Category[], flavorNames: readonly string[]): void {
  for (const category of categories) {
    if (category.scheme === FLAVOR_SCHEME) {
      if (!flavorNames.includes(category.term)) throw new FogbowError('unknown-category', 'There is not a static flavor specified in configuration file.');
    } else if (category.scheme !== IMAGE_SCHEME && !ACCEPTED.some((known) => sameCategory(known, category))) {
      throw new FogbowError('unknown-category', `The cloud does not support category: ${category.term}`);
    }
  }
}

export function specOf(parts: { [K in keyof OrderSpec]: OrderSpec[K] | undefined }): OrderSpec {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)));
}

export const unsupported = (): FogbowError => new FogbowError('unsupported-attribute', UNSUPPORTED_ATTRIBUTES);

function oneOf<T extends string>(value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) throw unsupported();
  return value as T;
}

function parseCount(text: string | undefined): number {
  if (text === undefined) return 1;
  if (!/^\d{1,6}$/.test(text)) throw unsupported();
  return Number(text);
}

function readKind(text: string | undefined): ResourceKind {
  if (text === undefined) throw new FogbowError('unsupported-attribute', 'Resource kind not found.');
  return oneOf<ResourceKind>(text, ['compute', 'storage', 'network']);
}

/** What only one kind asks for. */
function resourceOf(kind: ResourceKind, attributes: ReadonlyMap<string, string>): Pick<OrderSpec, 'sizeGb' | 'network'> {
  if (kind === 'storage') return { sizeGb: parseSize(attributes.get(`${PREFIX}storage-size`)) };
  return kind === 'network' ? { network: parseNetwork(attributes) } : {};
}

/** A date alone means the whole day in UTC; the original took it for a moment and closed the order (spec §1.5 BUG). */
export function parseDate(text: string | undefined, edge: 'start' | 'end'): Date | undefined {
  if (text === undefined) return undefined;
  const [, day = '', time, zone = 'Z'] = /^(\d{4}-\d{2}-\d{2})(?:(T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text) ?? [];
  const date = new Date(`${day}${time ?? (edge === 'start' ? 'T00:00:00.000' : 'T23:59:59.999')}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`);
  // JavaScript takes the 31st of February for the 3rd of March.
  if (Number.isNaN(date.getTime()) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) throw unsupported();
  return date;
}

/** The user's own cloud-init part; `[[\n]]` stands for a line break (spec §1.5). */
export function readUserData(of: (name: string) => string | undefined): UserDataPart[] {
  const encoded = of('extra-user-data');
  if (!encoded) return [];
  const content = Buffer.from(encoded.replaceAll('[[\\n]]', '\n'), 'base64').toString('utf8');
  // Several parts come as cloud-init itself takes them.
  const parts = of('extra-user-data-content-type') === undefined ? decodeUserData(content) : undefined;
  if (parts) return parts.map((part) => ({ ...part, contentType: oneOf(part.contentType, USER_DATA_TYPES) }));
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
