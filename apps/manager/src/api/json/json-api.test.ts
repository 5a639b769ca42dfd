import type { AxiosInstance, AxiosResponse } from 'axios';
import pg from 'pg';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

interface OrderView { id: string; state: string; kind: string; placement: { member: string; verdict: string }[]; [field: string]: unknown }
interface Created { ids: string[]; orders: { id: string; href: string; state?: string }[] }

// Other suites share the machine.
jest.setTimeout(30_000);

const SELF = 'manager.test.local';
const cursor = (time: string, id: string): string => Buffer.from(`${time} ${id}`).toString('base64url');
const codeOf = ({ status, data }: AxiosResponse<unknown>): unknown[] => [status, (data as { code?: string }).code];

describe('the JSON API over a fake cloud', () => {
  let manager: TestManager;
  let client: AxiosInstance;
  const wait = { Prefer: 'wait=20' };
  const create = async (body: object = {}, headers: Record<string, string> = {}, path = '/v1/orders'): Promise<Created> => {
    const answer = await client.post<Created>(path, body, { headers });
    expect(answer.status).toBe(201);
    return answer.data;
  };
  const query = async (text: string, values: unknown[] = []): Promise<pg.QueryResult> => {
    const database = new pg.Client({ connectionString: manager.databaseUrl });
    await database.connect();
    return await database.query(text, values).finally(() => database.end());
  };
  beforeAll(async () => {
    manager = await startManager({ admins: ['alice'] }, { maxInstances: 5 });
    client = manager.client();
  });
  afterAll(() => manager.stop());
  afterEach(async () => {
    await manager.control.put('/knobs', { refuse: 'none', neverBoot: false });
    await client.delete('/v1/orders');
    await eventually(async () => (await client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
  });

  describe('Prefer: wait', () => {
    test('holds the answer until the machines are there', async () => {
      const answer = await client.post<Created>('/v1/orders', { count: 2, flavor: 'small' }, { headers: wait });
      expect([answer.status, answer.headers['preference-applied']]).toEqual([201, 'wait=20']);
      expect(answer.data.orders.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    });
    test('ends with the wait', async () => {
      await manager.control.put('/knobs', { refuse: 'no-valid-host' });
      expect((await create({}, { Prefer: 'respond-async, wait=1' })).orders[0]?.state).toBe('open');
    });
    test('ends with a failure', async () => {
      await manager.control.put('/knobs', { refuse: 'cloud-rejected' });
      expect((await create({}, wait)).orders[0]?.state).toBe('failed');
    });
  });

  describe('Idempotency-Key', () => {
    test('the same request again is the same orders, also at once and after they are gone', async () => {
      const headers = { 'Idempotency-Key': 'key-1' };
      const all = await Promise.all(Array.from({ length: 8 }, () => create({ count: 2 }, headers)));
      expect(new Set(all.flatMap(({ ids }) => ids)).size).toBe(2);
      await client.delete('/v1/orders');
      await eventually(async () => (await client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
      expect(await create({ count: 2 }, headers)).toEqual(all[0]);
      expect((await client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders).toEqual([]);
    });
    test('another request under it is a conflict; another user has keys of their own', async () => {
      const headers = { 'Idempotency-Key': 'key-2' };
      const first = await create({}, headers);
      expect(codeOf(await client.post('/v1/orders', { title: 'other' }, { headers }))).toEqual([409, 'conflict']);
      expect(codeOf(await client.post('/v1/computes', {}, { headers }))).toEqual([409, 'conflict']);
      const mallory = await manager.client('mallory').post<Created>('/v1/orders', {}, { headers });
      expect(mallory.data.ids).not.toEqual(first.ids);
      await manager.client('mallory').delete('/v1/orders');
    });
    test('a process that died after the ids were written down stores the same orders', async () => {
      const headers = { 'Idempotency-Key': 'key-3' };
      const { ids } = await create({ count: 2 }, headers);
      await query('update idempotency_keys set is_stored = false where key = $1', ['key-3']);
      await query('delete from order_history where order_id = any($1)', [ids]);
      await query('delete from orders where id = any($1)', [ids]);
      expect((await create({ count: 2 }, headers)).ids).toEqual(ids);
      expect((await client.get(`/v1/orders/${ids[0]}`)).status).toBe(200);
    });
    test('a refused request does not use its key up, and an old key is free again', async () => {
      const headers = { 'Idempotency-Key': 'key-4' };
      expect((await client.post('/v1/orders', { flavor: 'none' }, { headers })).status).toBe(400);
      const { ids } = await create({}, headers);
      await query('update idempotency_keys set created_at = now() - interval \'25 hours\' where key = $1', ['key-4']);
      expect((await create({ title: 'later' }, headers)).ids).not.toEqual(ids);
    });
    test.each(['', ' ', 'a b', 'x'.repeat(256)])('%j is no key', async (key) => {
      const answer = await client.post('/v1/orders', {}, { headers: { 'Idempotency-Key': key } });
      expect(codeOf(answer)).toEqual([400, 'bad-syntax']);
    });
  });

  test('an ETag stands for what was seen: 304 while it holds, 412 for a deletion when it does not', async () => {
    await manager.control.put('/knobs', { neverBoot: true });
    const { ids: [id = ''] } = await create();
    const url = `/v1/orders/${id}`;
    await eventually(() => client.get<OrderView>(url), ({ data }) => data.state === 'spawning');
    const seen = await client.get<OrderView>(url);
    const etag = String(seen.headers['etag']);
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    const again = await client.get(url, { headers: { 'If-None-Match': `"other", W/${etag}` } });
    expect([again.status, again.data, again.headers['etag']]).toEqual([304, '', etag]);
    expect((await client.get(url, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
    expect(codeOf(await client.delete(url, { headers: { 'If-Match': '"other"' } }))).toEqual([412, 'precondition-failed']);
    expect(codeOf(await client.delete(url, { headers: { 'If-Match': `W/${etag}` } }))).toEqual([412, 'precondition-failed']);
    expect((await client.delete(url, { headers: { 'If-Match': etag } })).status).toBe(204);
  });

  test('a dry run says where each would go and orders nothing', async () => {
    const run = async (body: object): Promise<{ decision: string; member?: string; flavor?: string; reason?: string; placement: unknown[] }[]> =>
      (await client.post<{ orders: { decision: string; placement: unknown[] }[] }>('/v1/orders?dryRun=true', body)).data.orders;
    expect((await run({ count: 6 })).map(({ decision }) => decision)).toEqual(['here', 'here', 'here', 'here', 'here', 'wait']);
    expect(await run({ flavor: 'large' })).toEqual([{ decision: 'here', member: SELF, flavor: 'large', placement: [{ member: SELF, verdict: 'chosen: there is room at home' }] }]);
    expect(await run({ requirements: 'Glue2vCPU > 64' })).toMatchObject([{ decision: 'wait', reason: expect.stringContaining('no flavor') as unknown }]);
    expect((await client.post('/v1/orders?dryRun=true', { flavor: 'none' })).status).toBe(400);
    expect((await client.get<{ orders: unknown[] }>('/v1/orders')).data.orders).toEqual([]);
  });

  test('lists are filtered, sorted and cut to fields', async () => {
    await manager.control.put('/knobs', { neverBoot: true });
    const { ids: [always] } = await create({ type: 'persistent' });
    const { ids: [once] } = await create({ type: 'one-time' });
    await eventually(() => client.get<{ orders: OrderView[] }>('/v1/orders?state=spawning'), ({ data }) => data.orders.length === 2);
    const list = async (search: string): Promise<unknown> => (await client.get<{ orders: OrderView[] }>(`/v1/orders?${search}`)).data.orders.map(({ id }) => id);
    expect(await list('type=persistent')).toEqual([always]);
    expect(await list('sort=createdAt')).toEqual([always, once]);
    expect(await list('sort=-createdAt')).toEqual([once, always]);
    expect(await list(`provider=${SELF}&kind=compute`)).toEqual([once, always]);
    expect(await list('provider=elsewhere.example')).toEqual([]);
    expect(await list('kind=storage')).toEqual([]);
    const page = (await client.get<{ orders: OrderView[]; next: string }>('/v1/orders?sort=createdAt&limit=1&fields=state,kind')).data;
    expect(page.orders).toEqual([{ id: always, state: 'spawning', kind: 'compute' }]);
    expect(await list(`sort=createdAt&limit=1&cursor=${page.next}`)).toEqual([once]);
  });

  test('computes are compute orders with what is known of the machine', async () => {
    const { ids: [id = ''], orders } = await create({ flavor: 'large' }, wait, '/v1/computes');
    expect(orders[0]?.href).toBe(`/v1/computes/${id}`);
    expect((await client.get<OrderView>(`/v1/computes/${id}`)).data).toMatchObject({ id, orderId: id, type: 'one-time', instanceState: 'active', vcpu: 4, ramMb: 8192 });
    expect((await client.get<{ computes: OrderView[] }>('/v1/computes')).data.computes).toHaveLength(1);
    expect((await client.get<{ used: unknown }>('/v1/me')).data).toEqual({
      id: 'alice', name: 'alice', member: SELF, quota: { limit: { instances: null, vcpu: null, ramMb: null }, used: { instances: 1, vcpu: 4, ramMb: 8192 } },
    });
    expect((await client.get(`/v1/members/${SELF}/quota`)).data).toMatchObject({ limit: { instances: 5 }, used: { instances: 1 }, usedByCaller: { instances: 1, vcpu: 4 } });
    expect((await manager.client('mallory').get(`/v1/members/${SELF}/quota`)).data).toMatchObject({ usedByCaller: { instances: 0, vcpu: 0 } });
    expect(codeOf(await manager.client('mallory').get(`/v1/computes/${id}`))).toEqual([404, 'not-found']);
    const act = (action: string): Promise<AxiosResponse<unknown>> => client.post(`/v1/computes/${id}/actions`, { action });
    expect((await act('stop')).status).toBe(204);
    await eventually(() => client.get<OrderView>(`/v1/computes/${id}`), ({ data }) => data['instanceState'] === 'inactive');
    expect((await act('start')).status).toBe(204);
    expect(codeOf(await act('paint'))).toEqual([400, 'unsupported-attribute']);
    expect(codeOf(await manager.client('mallory').post(`/v1/computes/${id}/actions`, { action: 'stop' }))).toEqual([404, 'not-found']);
    expect((await client.delete(`/v1/computes/${id}`)).status).toBe(204);
  });

  test('accounting adds up the time that machines could be used, to the second, and survives the orders', async () => {
    const { ids: [id = ''] } = await create({ flavor: 'large' }, wait);
    await query('update order_history set at = at - interval \'1000 seconds\' where order_id = $1 and event = \'ready\'', [id]);
    await client.delete(`/v1/orders/${id}`);
    await eventually(() => client.get(`/v1/orders/${id}`), ({ status }) => status === 404);
    const before = await query('select max(at) as end, max(at) filter (where event = \'ready\') as ready from order_history where order_id = $1', [id]);
    const { ready, end } = before.rows[0] as { ready: Date; end: Date };
    const exact = (end.getTime() - ready.getTime()) / 1000;
    await query('delete from order_accounts where order_id <> $1', [id]);
    const { accounting: [line] } = (await client.get<{ accounting: { seconds: number; vcpuSeconds: number; powerSeconds: number }[] }>('/v1/accounting')).data;
    expect(line).toMatchObject({ user: 'alice', requestingMember: SELF, providingMember: SELF, kind: 'compute' });
    expect(Math.abs((line?.seconds ?? 0) - exact)).toBeLessThan(1);
    expect(Math.abs((line?.vcpuSeconds ?? 0) - 4 * exact)).toBeLessThan(4);
    // 4 vCPUs with 8 GB are worth half of 8 vCPUs with 16 GB.
    expect(Math.abs((line?.powerSeconds ?? 0) - exact / 2)).toBeLessThan(1);
    const { computeUsage } = (await client.get<{ computeUsage: number }>(`/v1/members/${SELF}/usage`)).data;
    expect(Math.abs(computeUsage * 60 - exact / 2)).toBeLessThan(1);
    expect(codeOf(await manager.client('mallory').get('/v1/accounting'))).toEqual([403, 'forbidden']);
  });

  test.each([
    ['GET', '/v1/nothing', 404, 'not-found'],
    ['POST', '/v1/members', 405, 'method-not-allowed'],
    ['GET', '/v1/orders?surprise=1', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders?limit=501', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders?fields=secret', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders?sort=title', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders?cursor=nonsense', 400, 'bad-syntax'],
    ['GET', `/v1/orders?cursor=${cursor('2020-01-01T00:00:00.000Z', '-'.repeat(36))}`, 400, 'bad-syntax'],
    ['GET', `/v1/orders?cursor=${cursor('-100000-01-01T00:00:00.000Z', '00000000-0000-0000-0000-000000000000')}`, 400, 'bad-syntax'],
    ['GET', '/v1/orders/%E0%A4%A', 400, 'bad-syntax'],
    ['GET', '/v1/computes/nothing', 404, 'not-found'],
    ['GET', '/v1/members/other.example/quota', 404, 'not-found'],
    ['GET', '/v1/members/a%00b/usage', 404, 'not-found'],
    ['GET', '/v1/orders?provider=a%00b', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders?type=one-time&type=persistent', 400, 'unsupported-attribute'],
    ['GET', '/v1/orders/a%00b', 404, 'not-found'],
  ])('%s %s is answered %i %s', async (method, url, status, code) => {
    const answer = await client.request({ method, url });
    expect(codeOf(answer)).toEqual([status, code]);
    expect(answer.headers['x-request-id']).toBe((answer.data as { requestId: string }).requestId);
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  test('bodies are JSON and not too large', async () => {
    const headers = { 'Content-Type': 'application/json' };
    expect(codeOf(await client.post('/v1/orders', '{', { headers }))).toEqual([400, 'bad-syntax']);
    expect(codeOf(await client.post('/v1/orders', '{}', { headers: { ...headers, 'Content-Encoding': 'gzip' } }))).toEqual([400, 'bad-syntax']);
    const strange = await client.post('/v1/orders', Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`strange${index}`, 1])));
    expect([codeOf(strange), (strange.data as { detail: string }).detail.length]).toEqual([[400, 'unsupported-attribute'], 2000]);
    expect(codeOf(await client.post('/v1/orders', '<a/>', { headers: { 'Content-Type': 'text/xml' } }))).toEqual([415, 'unsupported-media-type']);
    expect(codeOf(await client.post('/v1/orders', { title: 'x'.repeat(1_100_000) }))).toEqual([413, 'body-too-large']);
    expect(codeOf(await client.post('/v1/orders', { count: 1 }, { headers: { 'X-Auth-Token': 'wrong' } }))).toEqual([401, 'unauthenticated']);
  });

  test.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+23:00', '9999-12-31T23:59:59-23:59', 'Q', ''])('%s is no time to be valid from', async (validFrom) => {
    expect(codeOf(await client.post('/v1/orders', { validFrom }))).toEqual([400, 'unsupported-attribute']);
  });

  test('a token is checked, and nothing else is known as credentials', async () => {
    const ask = (credentials: object): Promise<AxiosResponse<unknown>> => client.post('/v1/tokens', { credentials }, { headers: { 'X-Auth-Token': '' } });
    expect((await ask({ token: 'alice-token' })).data).toEqual({ token: 'alice-token', user: { id: 'alice', name: 'alice' } });
    expect(codeOf(await ask({ token: 'wrong' }))).toEqual([401, 'unauthenticated']);
    const passwords = await ask({ username: 'alice', password: 'x' });
    expect([codeOf(passwords), (passwords.data as { detail: string }).detail]).toEqual([[400, 'unsupported-attribute'], expect.stringContaining('passwords are not known here')]);
  });

  test('flavors and images', async () => {
    expect((await client.get('/v1/flavors')).data).toEqual({ flavors: [{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }, { name: 'large', vcpu: 4, ramMb: 8192, diskGb: 40 }] });
    const { images } = (await client.get<{ images: { member: string }[] }>('/v1/images')).data;
    expect(images.every(({ member }) => member === SELF)).toBe(true);
  });
});

test('who asks too often is told when to come back, and others are not held up', async () => {
  const manager = await startManager({ 'limits.requestsPerMinute': 3, 'process.roles': ['api'] });
  try {
    const statuses = [];
    for (let asked = 0; asked < 4; asked += 1) statuses.push((await manager.client().get('/v1/me')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await manager.client().get('/v1/orders');
    expect(codeOf(refused)).toEqual([429, 'too-many-requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await manager.client('mallory').get('/v1/me')).status).toBe(200);
  } finally {
    await manager.stop();
  }
});

test('addresses in answers begin with the public URL where there is one', async () => {
  const manager = await startManager({ 'http.publicUrl': 'https://cloud.example.org/fogbow/', 'process.roles': ['api'] });
  try {
    const { headers, data } = await manager.client().post<{ ids: string[]; orders: { href: string }[] }>('/v1/orders', {});
    expect([headers['location'], data.orders[0]?.href]).toEqual(Array(2).fill(`https://cloud.example.org/fogbow/v1/orders/${data.ids[0]}`));
  } finally {
    await manager.stop();
  }
});
