import { renderLink } from './link.js';
import type { OcciLink } from './link.js';
import { identifierOf, renderResource } from './resource.js';
import type { Resource } from './resource.js';

/** One thing as every rendering shows it. */
export interface Entity {
  /** URN of OCCI 1.2 or any stable name. */
  readonly id: string;
  readonly title?: string | undefined;
  readonly kind: Resource;
  readonly mixins: readonly Resource[];
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly links: readonly OcciLink[];
  /** Beyond the original, whose clients compare lines: shown in JSON only. */
  readonly beyond?: readonly (readonly [name: string, value: string])[];
}

/** An answer before HTTP: headers that OCCI gives a meaning to, and the body. */
export interface Rendered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Lines of text/plain; each kind of thing has its own small differences in the original. */
export function renderEntityLines({ kind, mixins, links, attributes }: Entity, attributeEnd = ''): string {
  return [
    ...[kind, ...mixins].map((category) => `Category: ${onOneLine(renderResource(category))}`),
    ...links.map((link) => `Link: ${onOneLine(renderLink(link))}`),
    ...attributes.map(([name, value]) => `X-OCCI-Attribute: ${name}="${onOneLine(value)}"${attributeEnd}`),
  ].join('\n');
}

/** text/occi: everything stands in headers, so quotes inside values are protected. */
export function renderEntityHeaders({ kind, mixins, links, attributes }: Entity): Rendered {
  const headers: Record<string, string> = {
    Category: headerText([kind, ...mixins].map(renderResource).join(', ')),
    'X-OCCI-Attribute': headerText(attributes.map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`).join(', ')),
    ...(links.length > 0 ? { Link: headerText(links.map(renderLink).join(', ')) } : {}),
  };
  return { headers, body: 'Ok' };
}

/** application/occi+json (OCCI 1.2). What is not known is absent. */
export function entityJson({ id, title, kind, mixins, attributes, beyond = [], links }: Entity, unknown: string): Record<string, unknown> {
  return {
    kind: identifierOf(kind),
    mixins: mixins.map(identifierOf),
    attributes: Object.fromEntries([...attributes, ...beyond].filter(([, value]) => value !== unknown)),
    id,
    ...(title === undefined ? {} : { title }),
    ...(kind.actions ? { actions: kind.actions } : {}),
    links: links.map((link) => ({
      kind: link.category?.split(' ')[0], ...(link.self ? { id: link.self } : {}), target: { location: link.target, kind: link.rel },
      attributes: Object.fromEntries((link.attributes ?? []).filter(([, value]) => value !== unknown)),
    })),
  };
}

/** The query interface in OCCI 1.2's JSON. */
export function queryJson(resources: readonly Resource[]): Record<string, unknown> {
  const ofClass = (name: string): readonly Record<string, unknown>[] => resources.filter((resource) => resource.class === name).map((resource) => ({
    term: resource.term,
    scheme: resource.scheme,
    ...(resource.title ? { title: resource.title } : {}),
    ...(resource.rel ? (name === 'kind' ? { parent: resource.rel } : { depends: [resource.rel] }) : {}),
    ...(resource.location ? { location: resource.location } : {}),
    attributes: Object.fromEntries((resource.attributes ?? []).map((attribute) => [attribute.name, { mutable: !attribute.immutable, required: false, type: 'string' }])),
    actions: resource.actions ?? [],
  }));
  const actions = [...new Set(resources.flatMap((resource) => resource.actions ?? []))];
  return { kinds: ofClass('kind'), mixins: ofClass('mixin'), actions: actions.map((id) => ({ scheme: id.slice(0, id.indexOf('#') + 1), term: id.slice(id.indexOf('#') + 1), attributes: {} })) };
}

/** A value can neither end its line nor begin another. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

/** Text for a header: UTF-8 bytes, and none that HTTP forbids. */
export const headerText = (text: string): string => Buffer.from(onOneLine(text), 'utf8').toString('latin1');

/** What a client wrote in a header, which HTTP hands over byte by byte; bytes that are no UTF-8 stay as they are. */
export function textOfHeader(raw: string): string {
  if (!/[\x80-\xff]/.test(raw)) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw;
  }
}
