import type { Request, Response } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { irregular, parseActionJson, parseAttributes, parseCategories, parseEntityJson, parseLinks, textOfHeader } from '@fogbow/occi';
import type { OcciInput, OcciLink, Rendered } from '@fogbow/occi';

export const JSON_TYPE = 'application/occi+json';
export const MEDIA = ['text/plain', 'text/occi', 'text/uri-list', JSON_TYPE] as const;
export type Media = (typeof MEDIA)[number];

/** All values of a repeatable header; Node would join them and lose where one ends. */
export function headerValues(request: Request, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) values.push(textOfHeader(request.rawHeaders[index + 1] ?? ''));
  }
  return values;
}

/** The media types that the client takes, dearest first; weight 0 is a refusal (RFC 9110 §12.5.1). Any type counts as no wish (spec §1.3), so it stands before its equals. */
function acceptedTypes(request: Request): string[] {
  const weighed = (request.get('Accept') ?? '').split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return { type, weight: Number(parameters.find((text) => /^q=[\d.]{1,5}$/.test(text))?.slice(2) ?? 1) };
  });
  return weighed.filter(({ type, weight }) => type !== '' && weight > 0).sort((left, right) => right.weight - left.weight || Number(right.type === ANY) - Number(left.type === ANY)).map(({ type }) => type);
}

const ANY = '*/*';
const isWithin = (range: string, type: string): boolean => range === type || range === ANY || range.endsWith('/*') && type.startsWith(range.slice(0, -1));

/** The offered type that the client likes best; among those of a range, and without any wish (spec §1.3), the first offered. Refuses when it takes none. */
export function negotiate<Type extends string>(request: Request, offered: readonly [Type, ...Type[]]): Type {
  const accepted = acceptedTypes(request);
  if (!/[^\s,]/.test(request.get('Accept') ?? '')) return offered[0];
  const chosen = accepted.map((range) => offered.find((one) => isWithin(range, one))).find((type) => type !== undefined);
  if (!chosen) throw new FogbowError('not-acceptable', 'Accept not acceptable.');
  return chosen;
}

export const contentTypeOf = (request: Request): string | undefined => request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();

/** Every POST, and GET of /member and /token, must say text/occi (spec §1.3). */
export function requireOcci(request: Request): void {
  if (contentTypeOf(request) !== 'text/occi') throw irregular();
}

/** Links come before all else in the order of checks (spec §1.5). */
export const linksOf = (request: Request): OcciLink[] => parseLinks(headerValues(request, 'link'));

/** Categories now, attributes when asked: an unknown category is told before a missing token, a wrong attribute after it. */
export function inputOf(request: Request): { readonly categories: OcciInput['categories']; attributes(): OcciInput['attributes'] } {
  if (isJson(request)) {
    const { categories, attributes } = parseEntityJson(request.body as unknown);
    return { categories, attributes: () => attributes };
  }
  return { categories: parseCategories(headerValues(request, 'category')), attributes: () => parseAttributes(headerValues(request, 'x-occi-attribute')) };
}

export const isJson = (request: Request): boolean => contentTypeOf(request) === JSON_TYPE;

/** The categories of an action, from headers or from a body of OCCI 1.2's JSON. */
export function actionsOf(request: Request): OcciInput['categories'] {
  return isJson(request) ? [parseActionJson(request.body as unknown)] : parseCategories(headerValues(request, 'category'));
}

/** POST takes OCCI in headers, or in a body of OCCI 1.2's JSON. */
export function requireOcciBody(request: Request): void {
  if (!isJson(request)) requireOcci(request);
}

/** The configured public URL, else the host that the client spoke to; without a slash at its end. */
export function rootOf(request: Request, publicUrl: string | undefined): string {
  const host = request.get('Host') ?? '';
  const seen = /^[\w.:[\]-]{1,255}$/.test(host) ? host : 'localhost';
  return (publicUrl ?? `${request.protocol}://${seen}`).replace(/\/$/, '');
}

export function send(response: Response, type: Media, { headers, body }: Rendered, status = 200): void {
  response.status(status).set(headers).type(type === 'text/plain' || type === 'text/uri-list' ? `${type}; charset=utf-8` : type).send(Buffer.from(body, 'utf8'));
}

export const sendText = (response: Response, body: string, status = 200): void => send(response, 'text/plain', { headers: {}, body }, status);
