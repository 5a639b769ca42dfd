import type { Request, Response } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { entityJson, headerText, renderEntityHeaders } from '@fogbow/occi';
import type { Entity } from '@fogbow/occi';
import { ABSENT } from './names.js';
import { JSON_TYPE, negotiate, send } from './occi-request.js';

/** One thing in the rendering that the client takes. */
export function sendEntity(request: Request, response: Response, entity: Entity, plain: (entity: Entity) => string): void {
  const type = negotiate(request, ['text/plain', 'text/occi', JSON_TYPE]);
  if (type === 'text/plain') return send(response, type, { headers: {}, body: plain(entity) });
  if (type === 'text/occi') {
    const rendered = renderEntityHeaders(entity);
    checkHeaderSize(Object.values(rendered.headers));
    return send(response, type, rendered);
  }
  send(response, type, { headers: {}, body: JSON.stringify(entityJson(entity, ABSENT)) });
}

export interface ListRendering {
  plain(): string;
  uris(): string;
  locations(): readonly string[];
  entities(): readonly Entity[];
}

export const LIST_TYPES = ['text/plain', 'text/uri-list', 'text/occi', JSON_TYPE] as const;

/** A list in the rendering that the client takes; only that one is made. */
export function sendList(request: Request, response: Response, list: ListRendering): void {
  const type = negotiate(request, LIST_TYPES);
  if (type === 'text/plain') return send(response, type, { headers: {}, body: list.plain() });
  if (type === 'text/uri-list') return send(response, type, { headers: {}, body: list.uris() });
  if (type === JSON_TYPE) return send(response, type, { headers: {}, body: JSON.stringify({ resources: list.entities().map((entity) => entityJson(entity, ABSENT)) }) });
  const locations = headerText(list.locations().join(', '));
  checkHeaderSize([locations]);
  send(response, type, { headers: locations ? { 'X-OCCI-Location': locations } : {}, body: 'Ok' });
}

// Clients cut longer headers off, or fail.
const MOST_HEADER_BYTES = 14 * 1024;

export function checkHeaderSize(values: readonly string[]): void {
  if (values.reduce((sum, value) => sum + value.length, 0) > MOST_HEADER_BYTES) throw new FogbowError('not-acceptable', 'The answer is too long for headers; accept text/plain.');
}
