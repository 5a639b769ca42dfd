const bearer = [{ bearer: [] }];
const service = { $ref: '#/components/schemas/Service' };
const jsonOf = (schema: object): object => ({ content: { 'application/json': { schema } } });
const refusals = Object.fromEntries([400, 401, 403, 404, 405, 409, 413, 419, 429, 503].map((status) => [status, { $ref: '#/components/responses/Problem' }]));
const text = { type: 'string' };

/** OpenAPI 3.1 of the JSON API of machines. */
export const OPEN_API = {
  openapi: '3.1.0',
  info: { title: 'Fogbow Reverse Tunnel', version: '1', description: 'A machine looks at its grant and adds services to it. The bearer token is `<grant>.<secret>`.' },
  paths: {
    '/v1/grants/self': {
      get: { operationId: 'showGrant', summary: 'The grant and its services', security: bearer, responses: { 200: { description: 'The grant.', ...jsonOf({ $ref: '#/components/schemas/Grant' }) }, ...refusals } },
    },
    '/v1/grants/self/services': {
      post: {
        operationId: 'addService', summary: 'Add a service; the same again changes nothing', security: bearer,
        requestBody: { required: true, ...jsonOf({ type: 'object', required: ['name'], additionalProperties: false, properties: { name: text, kind: { enum: ['tcp', 'http'], default: 'tcp' } } }) },
        responses: { 200: { description: 'It was there already.', ...jsonOf(service) }, 201: { description: 'It has its port now.', ...jsonOf(service) }, ...refusals },
      },
    },
    '/v1/grants/self/services/{name}': {
      delete: {
        operationId: 'removeService', summary: 'Remove a service that the machine added', security: bearer,
        parameters: [{ name: 'name', in: 'path', required: true, schema: text }],
        responses: { 200: { description: 'It was this one.', ...jsonOf(service) }, ...refusals },
      },
    },
  },
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    responses: { Problem: { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: { type: 'object', properties: { code: text, detail: text, status: { type: 'integer' } } } } } } },
    schemas: {
      Grant: { type: 'object', properties: { id: text, publicHost: text, mostAdded: { type: 'integer' }, services: { type: 'array', items: service } } },
      Service: {
        type: 'object',
        properties: {
          name: text, kind: { enum: ['tcp', 'http'] }, port: { type: 'integer', description: 'The port to forward: ssh -R 0.0.0.0:<port>:127.0.0.1:<local port>.' },
          address: { ...text, description: 'Where users reach it: host:port, or the URL of a web service.' }, byMachine: { type: 'boolean' },
        },
      },
    },
  },
} as const;
