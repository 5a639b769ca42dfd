import type { AxiosInstance } from 'axios';
import { openProxy } from './testing/open-proxy.js';
import type { TestProxy } from './testing/open-proxy.js';
import { createDatabase, eventually, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

jest.setTimeout(30_000);

const redisOfTheRun = (): { path: string } | { host: string; port: number } => {
  const url = String(process.env['TEST_REDIS_URL']);
  return url.startsWith('unix://') ? { path: url.slice('unix://'.length) } : { host: new URL(url).hostname, port: Number(new URL(url).port) };
};

describe('a Manager whose servers go away', () => {
  let manager: TestManager;
  let client: AxiosInstance;
  let postgres: TestProxy;
  let redis: TestProxy;
  beforeAll(async () => {
    const url = new URL(await createDatabase());
    postgres = await openProxy({ host: url.hostname, port: Number(url.port) });
    redis = await openProxy(redisOfTheRun());
    Object.assign(url, { hostname: '127.0.0.1', port: String(postgres.port) });
    // Not there at the start, and all the same used when it comes.
    await redis.cut();
    manager = await startManager({ 'database.url': url.href, 'redis.url': `redis://127.0.0.1:${redis.port}` });
    client = manager.client();
  });
  afterAll(async () => {
    await manager.stop();
    await Promise.all([postgres.cut(), redis.cut()]);
  });

  const submit = async (): Promise<string> => {
    const { status, data } = await client.post<{ ids: string[] }>('/v1/orders', {});
    expect(status).toBe(201);
    return data.ids[0] as string;
  };
  const state = async (id: string): Promise<string> => (await client.get<{ state: string }>(`/v1/orders/${id}`)).data.state;

  test('without Redis orders are accepted and listed; with it they are placed', async () => {
    const id = await submit();
    expect([await state(id), (await client.get('/health/ready')).status]).toEqual(['open', 200]);
    await redis.join();
    await eventually(() => state(id), (seen) => seen === 'fulfilled');
  });

  test('a Redis that goes and comes back costs no order', async () => {
    await redis.cut();
    const id = await submit();
    expect(await state(id)).toBe('open');
    await redis.join();
    await eventually(() => state(id), (seen) => seen === 'fulfilled');
  });

  test('without PostgreSQL every answer says that it is worth another try', async () => {
    const id = await submit();
    await eventually(() => state(id), (seen) => seen === 'fulfilled');
    await postgres.cut();
    const answers = await Promise.all([
      client.post('/v1/orders', {}), client.get('/v1/orders'), client.get(`/v1/orders/${id}`), client.delete(`/v1/orders/${id}`), client.get('/order'), client.get('/v1/members'), client.get('/health/ready'),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503, 503, 503, 503, 503]);
    expect(answers[0]?.data).toMatchObject({ code: 'unavailable' });
    expect(JSON.stringify(answers.map((answer) => answer.data as unknown))).not.toContain('postgres:');
    expect((await client.get('/health/live')).status).toBe(200);
    await postgres.join();
    await eventually(() => client.get(`/v1/orders/${id}`), (answer) => answer.status === 200);
    expect(await state(id)).toBe('fulfilled');
  });

  test('an order that is being placed while PostgreSQL goes away is placed when it comes back, once', async () => {
    const before = (await manager.control.get<unknown[]>('/instances')).data.length;
    await manager.control.put('/knobs', { createDelay: 400 });
    await manager.control.delete('/calls');
    const id = await submit();
    await eventually(async () => (await manager.control.get<{ create?: number }>('/calls')).data.create ?? 0, (creates) => creates > 0);
    await postgres.cut();
    await manager.control.put('/knobs', { createDelay: 0 });
    await eventually(async () => (await client.get('/v1/orders')).status, (status) => status === 503);
    // Away for longer than the create takes, so that its answer finds no database.
    await new Promise((resolve) => setTimeout(resolve, 600));
    await postgres.join();
    await eventually(async () => { const answer = await client.get<{ state: string }>(`/v1/orders/${id}`); return answer.data.state; }, (seen) => seen === 'fulfilled');
    expect((await manager.control.get<unknown[]>('/instances')).data).toHaveLength(before + 1);
  });

  test.each([
    ['NUL in a title', { title: 'a\u0000b' }],
    ['half of a surrogate pair', { title: 'a\ud800b' }],
    ['more text than a batch may hold', { count: 1000, userData: [{ contentType: 'text/cloud-config', content: 'x'.repeat(60_000) }] }],
  ])('%s is refused with a sentence', async (_name, body) => {
    const answer = await client.post<{ code: string }>('/v1/orders', body);
    expect([answer.status, answer.data.code]).toEqual([400, 'unsupported-attribute']);
  });
});
