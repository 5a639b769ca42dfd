import type { AxiosInstance } from 'axios';
import { z } from 'zod';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';
import type { Endpoint } from './endpoint.js';
import { EVENTS_DESCRIPTION } from './events-description.js';
import { jsonEndpoints } from './json-endpoints.js';
import type { JsonApi } from './json-endpoints.js';
import { mountEndpoints } from './mount-endpoints.js';
import type { OpenApiDocument } from './openapi-document.js';

// Other suites share the machine.
jest.setTimeout(30_000);

const SELF = 'manager.test.local';
/** Only described here, never asked. */
const endpoints: readonly Endpoint[] = jsonEndpoints({ rate: () => 0 } as unknown as JsonApi);
const nameOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>): string => `${method} ${path}`;
const namesIn = (document: OpenApiDocument): string[] => Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));

describe('OpenAPI', () => {
  let manager: TestManager;
  let client: AxiosInstance;
  let document: OpenApiDocument;
  let orderId: string;
  /** One of each of the other collections. */
  let others: Record<string, string>;
  beforeAll(async () => {
    manager = await startManager({ admins: ['alice'] });
    client = manager.client();
    document = (await client.get<OpenApiDocument>('/openapi.json', { headers: { 'X-Auth-Token': '' } })).data;
    const order = async (name: string, body: Record<string, unknown>): Promise<string> =>
      (await client.post<{ ids: string[] }>(`/v1/${name}`, body, { headers: { Prefer: 'wait=20' } })).data.ids[0] ?? '';
    const networkOrderIds = [await order('networks', { network: { cidr: '10.0.0.0/24' } })];
    orderId = await order('orders', { title: 'one', networkOrderIds });
    const volumeOrderId = await order('volumes', { sizeGb: 1 });
    others = { volumes: volumeOrderId, networks: networkOrderIds[0] ?? '', attachments: await order('attachments', { attachment: { computeOrderId: orderId, volumeOrderId } }) };
  });
  afterAll(() => manager.stop());

  test('is version 3.1, with unique operation ids and no dangling reference', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...new Set(JSON.stringify(document).match(/"\$ref":"[^"]*"/g))]).toEqual(['"$ref":"#/components/schemas/Problem"']);
  });

  test('names every route that there is, and no other', () => {
    const { stack } = mountEndpoints(endpoints, () => Promise.reject(new Error('nobody asks'))) as unknown as { stack: { route?: { path: string; stack: { method?: string }[] } }[] };
    const routes = stack.flatMap(({ route }) => (route?.stack ?? []).filter(({ method }) => method).map(({ method }) => `${method} ${route?.path.replace(/:(\w+)/g, '{$1}')}`));
    expect(namesIn(document).sort()).toEqual([...routes, nameOf(EVENTS_DESCRIPTION)].sort());
  });

  test.each(endpoints.filter(({ method }) => method === 'get').map((one) => [nameOf(one), one] as const))('%s answers what is documented', async (_name, { path, answers }) => {
    const isMember = path.startsWith('/v1/members/');
    const answer = await client.get<unknown>(path.replace('{id}', isMember ? SELF : others[path.split('/')[2] ?? ''] ?? orderId));
    expect([answer.status, Object.keys(answers)]).toEqual([200, expect.arrayContaining(['200'])]);
    expect(answer.headers['content-type']).toContain(answers[200]?.mediaType ?? 'application/json');
    if (answers[200]?.body) expect(z.safeParse(answers[200].body, answer.data).error).toBeUndefined();
  });

  test.each([
    ['post /v1/orders', '/v1/orders', {}, 201], ['post /v1/orders', '/v1/orders?dryRun=true', {}, 200], ['post /v1/computes', '/v1/computes', { flavor: 'small' }, 201],
    ['post /v1/tokens', '/v1/tokens', { credentials: { token: 'alice-token' } }, 201],
  ])('%s at %s answers what is documented', async (name, url, body, status) => {
    const answer = await client.post<unknown>(url, body);
    expect(answer.status).toBe(status);
    expect(endpoints.find((one) => nameOf(one) === name)?.answers[status]?.body?.safeParse(answer.data).error).toBeUndefined();
  });

  test.each(endpoints.filter(({ isPublic }) => !isPublic).map((one) => [nameOf(one), one] as const))('%s wants a token, and says so as a problem', async (_name, { method, path }) => {
    const answer = await client.request<{ code: string }>({ method, url: path.replace('{id}', orderId), headers: { 'X-Auth-Token': '' } });
    expect([answer.status, answer.data.code, answer.headers['content-type']]).toEqual([401, 'unauthenticated', 'application/problem+json; charset=utf-8']);
  });

  test.each(['computes', 'orders'])('delete /v1/%s/{id} answers what is documented', async (name) => {
    const { data: { ids: [id] } } = await client.post<{ ids: string[] }>(`/v1/${name}`, {});
    expect((await client.delete(`/v1/${name}/${id}`)).status).toBe(204);
    await eventually(() => client.get(`/v1/${name}/${id}`), ({ status }) => status === 404);
  });

  test('the page is whole by itself and names every path', async () => {
    const { data, headers } = await client.get<string>('/docs', { headers: { 'X-Auth-Token': '' } });
    expect(headers['content-security-policy']).toContain('default-src \'none\'');
    expect(data).not.toMatch(/<script|<link|src=/);
    for (const path of Object.keys(document.paths)) expect(data).toContain(`<code>${path}</code>`);
  });

  test('delete /v1/orders answers how many', async () => {
    expect((await client.delete<{ deleted: number }>('/v1/orders')).data.deleted).toBeGreaterThan(0);
  });
});
