import type { AxiosInstance } from 'axios';
import { eventually, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

interface OrderView { id: string; state: string; reason?: string; failure?: string; instanceId?: string; history?: { event: string; to: string }[] }

const show = async (client: AxiosInstance, id: string): Promise<OrderView> => (await client.get<OrderView>(`/v1/orders/${id}`)).data;
const submit = async (client: AxiosInstance, body: Record<string, unknown> = {}): Promise<string[]> => {
  const answer = await client.post<{ ids: string[] }>('/v1/orders', body);
  expect(answer.status).toBe(201);
  return answer.data.ids;
};
const until = async (client: AxiosInstance, id: string, state: string): Promise<OrderView> => await eventually(() => show(client, id), (order) => order.state === state);
const machines = async (manager: TestManager): Promise<{ id: string; clientToken: string }[]> => (await manager.control.get<{ id: string; clientToken: string }[]>('/instances')).data;

describe('a Manager over a fake cloud', () => {
  let manager: TestManager;
  let client: AxiosInstance;
  beforeAll(async () => {
    manager = await startManager({}, { maxInstances: 5 });
    client = manager.client();
  });
  afterAll(() => manager.stop());
  afterEach(async () => {
    await manager.control.put('/knobs', { refuse: 'none', neverBoot: false });
    await client.delete('/v1/orders');
    await eventually(async () => (await client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
    expect(await machines(manager)).toEqual([]);
  });

  test('three machines asked are three orders of one batch, each with its own machine and history', async () => {
    const ids = await submit(client, { count: 3, flavor: 'small' });
    const orders = await Promise.all(ids.map((id) => until(client, id, 'fulfilled')));
    expect(new Set(orders.map((order) => order.instanceId)).size).toBe(3);
    expect(orders[0]?.history?.map((entry) => entry.event)).toEqual(['submitted', 'accepted-here', 'ready']);
    expect(await machines(manager)).toHaveLength(3);
  });

  test('an order waits with a reason while there is no room, and starts when there is', async () => {
    const first = await submit(client, { count: 5 });
    await Promise.all(first.map((id) => until(client, id, 'fulfilled')));
    const [waiting = ''] = await submit(client);
    const order = await eventually(() => show(client, waiting), (seen) => seen.reason?.includes('no room') === true);
    expect(order).toMatchObject({ state: 'open' });
    expect((await client.delete(`/v1/orders/${first[0]}`)).status).toBe(204);
    await until(client, waiting, 'fulfilled');
  });

  test('a machine that vanishes closes a one-time order and renews a persistent one', async () => {
    const [once = ''] = await submit(client, { type: 'one-time' });
    const [always = ''] = await submit(client, { type: 'persistent' });
    const before = await until(client, always, 'fulfilled');
    await until(client, once, 'fulfilled');
    for (const machine of await machines(manager)) await manager.control.post(`/instances/${machine.id}/vanish`);
    await until(client, once, 'closed');
    const after = await eventually(() => show(client, always), (order) => order.state === 'fulfilled' && order.instanceId !== before.instanceId);
    expect(after.history?.map((entry) => entry.event)).toEqual(['submitted', 'accepted-here', 'ready', 'lost-reopened', 'accepted-here', 'ready']);
  });

  test('a wish that the cloud refuses for good fails with the reason', async () => {
    await manager.control.put('/knobs', { refuse: 'cloud-rejected' });
    const [id = ''] = await submit(client);
    expect(await until(client, id, 'failed')).toMatchObject({ failure: 'cloud-rejected' });
  });

  test('a cloud that cannot answer is asked again, and has one machine in the end', async () => {
    await manager.control.put('/knobs', { refuse: 'cloud-unavailable', refuseCount: 2 });
    const [id = ''] = await submit(client);
    await until(client, id, 'fulfilled');
    expect(await machines(manager)).toHaveLength(1);
  });

  test('tokens that the cloud stops accepting are replaced in flight', async () => {
    await manager.control.post('/tokens/expire');
    const [id = ''] = await submit(client);
    await until(client, id, 'fulfilled');
  });

  test('a machine without an order is removed', async () => {
    const [id = ''] = await submit(client);
    await until(client, id, 'fulfilled');
    const pg = await import('pg');
    const database = new pg.default.Client({ connectionString: manager.databaseUrl });
    await database.connect();
    await database.query('delete from orders where id = $1', [id]);
    await database.end();
    await eventually(() => machines(manager), (left) => left.length === 0);
  });

  test('nobody sees or deletes the order of another', async () => {
    const [id = ''] = await submit(client);
    const mallory = manager.client('mallory');
    expect((await mallory.get(`/v1/orders/${id}`)).status).toBe(404);
    expect((await mallory.delete(`/v1/orders/${id}`)).status).toBe(404);
    expect((await mallory.get<{ orders: unknown[] }>('/v1/orders')).data.orders).toEqual([]);
    await until(client, id, 'fulfilled');
  });

  test.each([
    [{ count: 0 }, 'count'],
    [{ flavor: 'none' }, 'There is no flavor none'],
    [{ requirements: 'Glue2vCPU >' }, 'character 12'],
    [{ publicKey: 'rubbish' }, 'OpenSSH format'],
    [{ surprise: 1 }, 'surprise'],
    [{ validUntil: '2020-01-01T00:00:00Z' }, 'in the past'],
  ])('%j is refused with a sentence that names the fault', async (body, words) => {
    const answer = await client.post<{ detail: string; status: number }>('/v1/orders', body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.data.detail).toContain(words);
  });

  test('an order beyond its validity closes; one before it waits', async () => {
    const soon = new Date(Date.now() + 600).toISOString();
    const [early = ''] = await submit(client, { validFrom: soon });
    expect(await show(client, early)).toMatchObject({ state: 'open' });
    await until(client, early, 'fulfilled');
    await manager.control.put('/knobs', { refuse: 'no-valid-host' });
    const [late = ''] = await submit(client, { validUntil: new Date(Date.now() + 400).toISOString() });
    await until(client, late, 'closed');
  });

  test('pages of orders follow each other without gap or repetition', async () => {
    await manager.control.put('/knobs', { refuse: 'no-valid-host' });
    const ids = await submit(client, { count: 25 });
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { data } = await client.get<{ orders: OrderView[]; next?: string }>('/v1/orders', { params: { limit: 10, cursor } });
      seen.push(...data.orders.map((order) => order.id));
      if (!(cursor = data.next)) break;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  describe('OCCI', () => {
    const order = { 'X-Auth-Token': 'alice-token', 'Content-Type': 'text/occi', Category: 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"' };
    test('POST, list, show, delete as the original answers', async () => {
      const posted = await client.post<string>('/order', '', { headers: { ...order, 'X-OCCI-Attribute': 'org.fogbowcloud.order.instance-count=2, org.fogbowcloud.order.resource-kind=compute' } });
      expect([posted.status, posted.data]).toEqual([201, 'Ok']);
      const locations = String(posted.headers['location']).split(',');
      expect(locations).toHaveLength(2);
      const id = locations[0]?.split('/').at(-1) ?? '';
      await until(client, id, 'fulfilled');
      expect((await client.get<string>('/order')).data.split('\n').sort()).toEqual(locations.map((location) => `X-OCCI-Location: ${location}`).sort());
      const shown = (await client.get<string>(`/order/${id}`)).data;
      expect(shown).toMatch(/^\nCategory: order; scheme="http:\/\/schemas.fogbowcloud.org\/order#"; class="kind"/);
      expect(shown).toContain('X-OCCI-Attribute: org.fogbowcloud.order.state="fulfilled" ');
      expect((await client.delete(`/order/${id}`)).data).toBe('Ok');
    });

    test.each([
      ['no token', { ...order, 'X-Auth-Token': '' }, 401, 'Authentication required.'],
      ['a wrong token', { ...order, 'X-Auth-Token': 'nobody' }, 401, 'Unauthorized user.'],
      ['a wrong content type', { ...order, 'Content-Type': 'text/plain' }, 400, 'Irregular Syntax.'],
      ['an unknown category', { ...order, Category: `${order.Category}, odd; scheme="x#"; class="kind"` }, 400, 'The cloud does not support category: odd'],
      ['no resource kind', order, 400, 'Resource kind not found.'],
      ['an unknown attribute', { ...order, 'X-OCCI-Attribute': 'org.fogbowcloud.order.surprise=1' }, 400, 'There are unsupported attributes in the request.'],
      ['an unacceptable Accept', { ...order, Accept: 'application/xml' }, 406, 'Accept not acceptable.'],
    ])('%s', async (_name, headers, status, text) => {
      const answer = await client.post<string>('/order', '', { headers });
      expect([answer.status, answer.data]).toEqual([status, text]);
    });
  });
});

test('a machine that boots is noticed when it is up, however long the period of the monitor', async () => {
  const manager = await startManager({ 'periods.monitor': '1h' }, { bootDelay: '700ms' });
  try {
    const client = manager.client();
    const [id = ''] = await submit(client);
    await until(client, id, 'fulfilled');
  } finally {
    await manager.stop();
  }
});
