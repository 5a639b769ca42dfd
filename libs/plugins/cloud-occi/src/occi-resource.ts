import { FogbowError } from '@fogbow/plugin-contracts';
import { PREFIX } from './occi-names.js';

/** A thing as the endpoint shows it in JSON. */
export interface OcciResource {
  readonly id: string;
  readonly title: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly links: readonly OcciLink[];
}

export interface OcciLink {
  /** Last part of the target's path. */
  readonly target: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Throws cloud-unavailable for what is no JSON of OCCI: to take it for "nothing there" would cost an instance. */
export function parseResource(text: string): OcciResource {
  return toResource(parseJson(text));
}

export function parseResources(text: string): OcciResource[] {
  const all = parseJson(text);
  const list = Array.isArray(all) ? all as unknown[] : isRecord(all) ? all['resources'] : undefined;
  return Array.isArray(list) ? list.map(toResource) : unreadable();
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return unreadable();
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const unreadable = (): never => { throw new FogbowError('cloud-unavailable', 'The OCCI endpoint answers what is not the JSON of OCCI 1.2; does it speak application/occi+json, and is its url right?'); };

function toResource(value: unknown): OcciResource {
  if (!isRecord(value)) return unreadable();
  const attributes = attributesOf(value['attributes']);
  const id = lastOf(attributes.get('occi.core.id') ?? textOf(value['id']));
  if (!isId(id)) return unreadable();
  const links = Array.isArray(value['links']) ? value['links'].filter(isRecord).map(toLink) : [];
  return { id, title: textOf(value['title']) || (attributes.get('occi.core.title') ?? ''), attributes, links };
}

const toLink = ({ target, attributes }: Record<string, unknown>): OcciLink =>
  ({ target: lastOf(isRecord(target) ? textOf(target['location']) : textOf(target)), attributes: attributesOf(attributes) });

const attributesOf = (value: unknown): Map<string, string> => new Map(isRecord(value) ? Object.entries(value).map(([name, one]) => [name, textOf(one)]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');

/** The id in a location: the last part of its path, without the member that a link's name ends with. */
export const lastOf = (location: string): string => (location.replace(/\/+$/, '').split('/').at(-1) ?? '').replace(/^(federated_[a-z]+_[0-9a-f-]{36})@.*$/, '$1');
export const isId = (id: string): boolean => /^[^\s/?#"<>]{1,255}$/.test(id);

/** What a Fogbow Manager says of the order behind a thing; nothing where the endpoint is something else. */
export interface OrderWords {
  readonly state?: string;
  readonly reason?: string;
  /** A code of the catalogue of errors. */
  readonly failure?: string;
}

export function orderWords({ attributes }: OcciResource): OrderWords {
  const words = ['state', 'reason', 'failure'].map((name) => [name, attributes.get(PREFIX + name)]);
  return Object.fromEntries(words.filter(([, value]) => value !== undefined)) as OrderWords;
}

/** The order that a promised name stands for (`federated_instance_ID`); undefined for names of other endpoints. */
export const orderOf = (id: string): string | undefined => /^federated_[a-z]+_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(id)?.[1];
