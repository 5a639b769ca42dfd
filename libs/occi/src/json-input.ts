import { FogbowError } from '@fogbow/plugin-contracts';
import { UNSUPPORTED_ATTRIBUTES } from './attribute.js';
import { irregular } from './category.js';
import type { Category } from './category.js';
import { parseIdentifier } from './resource.js';

/** What a client asks for, in whichever rendering it came. */
export interface OcciInput {
  readonly categories: readonly Category[];
  readonly attributes: ReadonlyMap<string, string>;
}

/** A resource of application/occi+json: `{ kind, mixins, attributes, title }`. Throws bad-syntax or unsupported-attribute. */
export function parseEntityJson(body: unknown): OcciInput {
  if (!isRecord(body)) throw irregular();
  const { kind, mixins = [], attributes = {}, title, ...rest } = body;
  if (typeof kind !== 'string' || !Array.isArray(mixins) || !isRecord(attributes) || Object.keys(rest).length > 0) throw irregular();
  const categories = [parseIdentifier(kind, 'kind'), ...mixins.map((mixin: unknown) => parseIdentifier(String(mixin), 'mixin'))];
  const all = title === undefined ? attributes : { ...attributes, 'occi.core.title': title };
  return { categories, attributes: new Map(Object.entries(all).map(([name, value]) => [name, textOf(value)])) };
}

/** An action of application/occi+json: `{ action, attributes }`; attributes are read by nobody yet. Throws bad-syntax. */
export function parseActionJson(body: unknown): Category {
  if (!isRecord(body)) throw irregular();
  const { action, attributes = {}, ...rest } = body;
  if (typeof action !== 'string' || !isRecord(attributes) || Object.keys(rest).length > 0) throw irregular();
  return parseIdentifier(action, 'action');
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new FogbowError('unsupported-attribute', UNSUPPORTED_ATTRIBUTES);
}
