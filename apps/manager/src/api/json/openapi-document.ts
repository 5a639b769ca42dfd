import { z } from 'zod';
import type { Answer, EndpointDescription } from './endpoint-description.js';

type Json = Readonly<Record<string, unknown>>;

/** The parts of an OpenAPI 3.1 document that the readable page needs too. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Json;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: Json; readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

const problemSchema = z.strictObject({
  type: z.string(), title: z.string(), status: z.number().int(), code: z.string().describe('Of the catalogue of errors; it never changes its meaning.'), detail: z.string(), requestId: z.string(),
  ids: z.array(z.string()).optional().describe('The things that it is about: those that are in the way.'),
});
const PROBLEM = { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const TEXT = { type: 'string' };

/** OpenAPI 3.1 of the endpoints, from the very schemas that check requests. */
export function openApiDocument(endpoints: readonly EndpointDescription[], publicUrl = '/'): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const one of endpoints) paths[one.path] = { ...paths[one.path], [one.method]: operationOf(one) };
  return {
    openapi: '3.1.0',
    info: { title: 'Fogbow', version: '1', description: 'Order machines at home and get the rest from the other members of the federation. Every answer carries X-Request-Id.' },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' }, bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationOf(one: EndpointDescription): Operation {
  return {
    operationId: operationId(one),
    summary: one.summary,
    ...(one.description ? { description: one.description } : {}),
    tags: [one.group],
    security: one.isPublic ? [] : [{ token: [] }, { bearer: [] }],
    parameters: parametersOf(one),
    ...(one.body ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(one.body, 'input') } } } } : {}),
    responses: { ...Object.fromEntries(Object.entries(one.answers).map(([status, answer]) => [status, responseOf(Number(status), answer)])), default: PROBLEM },
  };
}

/** `getOrders`, `deleteOrdersId`. */
function operationId({ method, path }: EndpointDescription): string {
  const words = path.replace(/^\/v1\//, '').split(/[^a-z0-9]+/i).filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf({ path, query, headers = {} }: EndpointDescription): Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => ({ name, in: 'path', required: true, schema: TEXT }));
  const { properties = {} } = (query ? jsonSchema(query, 'input') : {}) as { properties?: Record<string, Json & { description?: string }> };
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]): Parameter => ({ name, in: 'query', required: false, ...(description ? { description } : {}), schema }));
  return [...inPath, ...inQuery, ...Object.entries(headers).map(([name, description]): Parameter => ({ name, in: 'header', required: false, description, schema: TEXT }))];
}

function responseOf(status: number, { meaning, body, mediaType = 'application/json', headers }: Answer): Operation['responses'][string] {
  const described = headers && Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, { description, schema: TEXT }]));
  if (status >= 400) return { ...PROBLEM, description: meaning, ...(described ? { headers: described } : {}) };
  return { description: meaning, ...(described ? { headers: described } : {}), ...(body ? { content: { [mediaType]: { schema: jsonSchema(body, 'output') } } } : {}) };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, override: ({ jsonSchema: made }) => void (made.format === 'date-time' && delete made.pattern) });
  return json;
}
