import type { AxiosInstance } from 'axios';
import { IAMALIVE } from '@fogbow/messaging';
import type { Transit } from '@fogbow/messaging';
import { eventually } from './testing/start-manager.js';
import { startFederation } from './testing/start-federation.js';
import type { TestFederation, TestMember } from './testing/start-federation.js';

interface OrderView { id: string; state: string; reason?: string; instanceId?: string; providingMember?: string; history: { event: string; provider?: string }[] }

const ORDER = 'http://fogbowcloud.org/manager/order';
const INSTANCEBEINGUSED = 'http://fogbowcloud.org/manager/instancebeingused';
const ABROAD = { requirements: 'Glue2CloudComputeManagerID != "manager.a.test"' };

const show = async (client: AxiosInstance, id: string): Promise<OrderView> => (await client.get<OrderView>(`/v1/orders/${id}`)).data;
const until = async (client: AxiosInstance, id: string, wanted: (order: OrderView) => boolean): Promise<OrderView> => await eventually(() => show(client, id), wanted);
const fulfilled = (order: OrderView): boolean => order.state === 'fulfilled';
const submit = async (client: AxiosInstance, body: Record<string, unknown> = {}): Promise<string> => {
  const { status, data } = await client.post<{ ids: string[] }>('/v1/orders', body);
  expect(status).toBe(201);
  return data.ids[0] as string;
};
const events = (order: OrderView): string[] => order.history.map((entry) => entry.event);

jest.setTimeout(30_000);

describe('a federation of three', () => {
  let federation: TestFederation;
  let a: TestMember;
  let b: TestMember;
  let c: TestMember;
  beforeAll(async () => {
    federation = await startFederation([{ maxInstances: 1 }, {}, {}]);
    [a, b, c] = federation.members as [TestMember, TestMember, TestMember];
    await eventually(async () => (await a.client.get<{ members: { alive: boolean }[] }>('/v1/members')).data.members, (members) => members.filter((member) => member.alive).length === 3);
  });
  afterAll(() => federation.stop());
  afterEach(async () => {
    federation.network.setFate(undefined);
    for (const member of federation.members) {
      federation.network.restore(member.id);
      await member.manager.control.put('/knobs', { refuse: 'none', createDelay: 0, neverBoot: false });
    }
    await a.client.delete('/v1/orders');
    await eventually(async () => (await a.client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
    for (const member of federation.members) await eventually(member.machines, (machines) => machines.length === 0);
  });

  const others = (): TestMember[] => [b, c];
  const providerOf = (order: OrderView): TestMember => others().find((member) => member.id === order.providingMember) as TestMember;
  /** Does something to the first `times` stanzas that match; tells when it has. */
  const fateOfFirst = (times: number, matches: (transit: Transit) => boolean, fate: { lose?: boolean; duplicate?: boolean; delayMs?: number }): (() => number) => {
    let seen = 0;
    federation.network.setFate((transit) => (matches(transit) && (seen += 1) <= times ? fate : {}));
    return () => seen;
  };

  test('what has no room at home runs abroad, and its deletion removes the machine there', async () => {
    const home = await submit(a.client);
    await until(a.client, home, fulfilled);
    const id = await submit(a.client);
    const order = await until(a.client, id, fulfilled);
    expect(events(order)).toEqual(['submitted', 'sent-away', 'answered', 'ready']);
    expect(await providerOf(order).machines()).toHaveLength(1);
    expect((await a.client.delete(`/v1/orders/${id}`)).status).toBe(204);
    await eventually(() => a.client.get(`/v1/orders/${id}`), (answer) => answer.status === 404);
    // An order that is gone from the list has no machine any more.
    expect(await providerOf(order).machines()).toEqual([]);
  });

  test.each([
    ['lost question', (transit: Transit) => transit.namespace === ORDER && transit.type === 'set', { lose: true }],
    ['lost answer', (transit: Transit) => transit.namespace === ORDER && transit.type === 'result', { lose: true }],
    ['doubled question', (transit: Transit) => transit.namespace === ORDER && transit.type === 'set', { duplicate: true }],
    ['doubled answer', (transit: Transit) => transit.namespace === ORDER && transit.type === 'result', { duplicate: true }],
    ['late answer', (transit: Transit) => transit.namespace === ORDER && transit.type === 'result', { delayMs: 500 }],
  ])('a %s leaves one order with one machine', async (_name, matches, fate) => {
    const seen = fateOfFirst(1, matches, fate);
    const order = await until(a.client, await submit(a.client, ABROAD), fulfilled);
    expect(seen()).toBeGreaterThan(0);
    expect(events(order)).toEqual(['submitted', 'sent-away', 'answered', 'ready']);
    expect((await Promise.all(federation.members.map((member) => member.machines()))).flat()).toHaveLength(1);
  });

  test('a member that is cut off and comes back keeps the machine', async () => {
    const id = await submit(a.client, ABROAD);
    const order = await until(a.client, id, fulfilled);
    federation.network.cut(order.providingMember as string);
    await eventually(async () => (await a.client.get<{ members: { id: string; alive: boolean }[] }>('/v1/members')).data.members,
      (members) => members.some((member) => member.id === order.providingMember));
    const asked = new Promise<void>((resolve) => federation.network.setFate(({ from }) => { if (from === a.id) resolve(); return {}; }));
    await asked;
    federation.network.restore(order.providingMember as string);
    expect(await show(a.client, id)).toMatchObject({ state: 'fulfilled', instanceId: order.instanceId });
    expect(await providerOf(order).machines()).toHaveLength(1);
  });

  test('an order that nobody answers goes elsewhere, and what the silent member made is removed', async () => {
    let silent: string | undefined;
    federation.network.setFate((transit) => {
      if (transit.namespace === ORDER && transit.type === 'set') silent ??= transit.to;
      return transit.from === silent && transit.namespace === ORDER ? { lose: true } : {};
    });
    const order = await until(a.client, await submit(a.client, ABROAD), fulfilled);
    expect(events(order)).toEqual(['submitted', 'sent-away', 'timed-out', 'sent-away', 'answered', 'ready']);
    expect(order.providingMember).not.toBe(silent);
    const loser = others().find((member) => member.id === silent) as TestMember;
    await eventually(loser.machines, (machines) => machines.length === 0);
    expect(await providerOf(order).machines()).toHaveLength(1);
  });

  test('a refusal abroad is known at once, and another member is asked', async () => {
    await b.manager.control.put('/knobs', { refuse: 'no-valid-host' });
    const orders = await Promise.all([1, 2, 3].map(async () => await until(a.client, await submit(a.client, ABROAD), fulfilled)));
    expect(orders.map((order) => order.providingMember)).toEqual([c.id, c.id, c.id]);
    expect(orders.some((order) => events(order).includes('turned-down'))).toBe(true);
  });

  test('an order deleted while the other member works on it leaves nothing there', async () => {
    for (const member of others()) await member.manager.control.put('/knobs', { createDelay: 300 });
    const id = await submit(a.client, ABROAD);
    await until(a.client, id, (order) => order.state === 'pending');
    expect((await a.client.delete(`/v1/orders/${id}`)).status).toBe(204);
  });

  test('a provider frees what its requester has forgotten', async () => {
    const order = await until(a.client, await submit(a.client, ABROAD), fulfilled);
    const pg = await import('pg');
    const database = new pg.default.Client({ connectionString: a.manager.databaseUrl });
    await database.connect();
    await database.query('delete from orders where id = $1', [order.id]);
    await database.end();
    await eventually(providerOf(order).machines, (machines) => machines.length === 0);
  });

  test('a provider keeps a machine while its requester cannot answer', async () => {
    const order = await until(a.client, await submit(a.client, ABROAD), fulfilled);
    let asked = 0;
    await new Promise<void>((resolve) => federation.network.setFate((transit) => {
      if (transit.namespace !== INSTANCEBEINGUSED || transit.type !== 'get') return {};
      if ((asked += 1) === 2) resolve();
      return { lose: true };
    }));
    expect(await providerOf(order).machines()).toHaveLength(1);
  });

  test('a remote machine that vanishes renews a persistent order and closes a one-time one', async () => {
    const always = await until(a.client, await submit(a.client, { ...ABROAD, type: 'persistent' }), fulfilled);
    const once = await until(a.client, await submit(a.client, ABROAD), fulfilled);
    for (const order of [always, once]) await providerOf(order).manager.control.post(`/instances/${order.instanceId?.split('@')[0]}/vanish`);
    await until(a.client, once.id, (order) => order.state === 'closed');
    const again = await until(a.client, always.id, (order) => order.state === 'fulfilled' && order.instanceId !== always.instanceId);
    expect(events(again)).toContain('lost-reopened');
  });

  test('a member that appears is asked at once, not after the pause of who waits', async () => {
    const id = await submit(a.client, { requirements: 'Glue2CloudComputeManagerID == "manager.z.test"' });
    await until(a.client, id, (order) => order.reason?.includes('no other member') === true);
    const asked = new Promise<string>((resolve) => federation.network.setFate(({ to, namespace }) => { if (namespace === ORDER) resolve(to); return {}; }));
    const newcomer = await federation.stranger('manager.z.test');
    await newcomer.request('rendezvous.test', IAMALIVE, {});
    expect(await asked).toBe('manager.z.test');
  });
});
