import { randomUUID } from 'node:crypto';
import { createMemoryNetwork } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { FAST, startRendezvous } from './testing/start-federation.js';
import { createDatabase, eventually, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

jest.setTimeout(30_000);

interface OrderView { state: string; providingMember?: string; reason?: string }

describe('two processes of one member, of which one holds the federation link', () => {
  const network = createMemoryNetwork();
  let rendezvous: FederationLink;
  let worker: TestManager;
  let speaker: TestManager;
  let peer: TestManager;
  const managers = (): TestManager[] => [worker, speaker, peer];

  beforeAll(async () => {
    rendezvous = await startRendezvous(network);
    const shared = { ...FAST, 'member.id': 'manager.a.test', 'database.url': await createDatabase(), 'redis.prefix': `t-${randomUUID()}` };
    worker = await startManager({ ...shared, 'process.roles': ['api', 'worker'] }, { maxInstances: 0 });
    speaker = await startManager({ ...shared, 'process.roles': ['federation'] }, { maxInstances: 0 }, { openLink: () => network.link('manager.a.test') });
    peer = await startManager({ ...FAST, 'member.id': 'manager.b.test' }, { maxInstances: 5 }, { openLink: () => network.link('manager.b.test') });
  });
  afterAll(async () => {
    await Promise.all(managers().map((manager) => manager.stop()));
    await rendezvous.stop();
  });

  test('an order that the worker places goes abroad through the other, is watched, and is removed', async () => {
    const client = worker.client();
    const { data } = await client.post<{ ids: string[] }>('/v1/orders', { count: 3 });
    const show = async (id: string): Promise<OrderView> => (await client.get<OrderView>(`/v1/orders/${id}`)).data;
    for (const id of data.ids) expect(await eventually(() => show(id), (order) => order.state === 'fulfilled')).toMatchObject({ providingMember: 'manager.b.test' });
    const machines = async (): Promise<{ id: string }[]> => (await peer.control.get<{ id: string }[]>('/instances')).data;
    const [victim] = await machines();
    await peer.control.post(`/instances/${victim?.id}/vanish`);
    await eventually(async () => Promise.all(data.ids.map(show)), (orders) => orders.filter((order) => order.state === 'closed').length === 1);
    await client.delete('/v1/orders');
    await eventually(async () => (await client.get<{ orders: unknown[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
    await eventually(machines, (left) => left.length === 0);
  });

  test('while nobody holds the link, an order waits and says why', async () => {
    await speaker.stop();
    const client = worker.client();
    const { data } = await client.post<{ ids: string[] }>('/v1/orders', {});
    const order = await eventually(async () => (await client.get<OrderView>(`/v1/orders/${data.ids[0]}`)).data, (seen) => /did not answer|no other member/.test(seen.reason ?? ''));
    expect(['open', 'pending']).toContain(order.state);
    speaker = { ...speaker, stop: () => Promise.resolve() };
  });
});

describe('two processes of one member that may both hold the federation link', () => {
  const network = createMemoryNetwork();
  let rendezvous: FederationLink;
  let all: TestManager[];
  let peer: TestManager;

  beforeAll(async () => {
    rendezvous = await startRendezvous(network);
    const shared = { ...FAST, 'member.id': 'manager.a.test', 'database.url': await createDatabase(), 'redis.prefix': `t-${randomUUID()}` };
    all = await Promise.all([1, 2].map(() => startManager(shared, { maxInstances: 0 }, { openLink: () => network.link('manager.a.test') })));
    peer = await startManager({ ...FAST, 'member.id': 'manager.b.test' }, { maxInstances: 5 }, { openLink: () => network.link('manager.b.test') });
  });
  afterAll(async () => {
    await Promise.all([...all, peer].map((manager) => manager.stop()));
    await rendezvous.stop();
  });
  const speaks = async (manager: TestManager): Promise<boolean> => /^fogbow_federation_speaker\{[^}]*\} 1$/m.test((await manager.client().get<string>('/metrics')).data);

  test('one of them speaks, and the other one when it stops: what was abroad is watched and removed', async () => {
    const roles = await Promise.all(all.map(speaks));
    expect([...roles].sort()).toEqual([false, true]);
    const [speaker, silent] = (roles[0] === true ? all : [...all].reverse()) as [TestManager, TestManager];
    const client = silent.client();
    const { data } = await client.post<{ ids: string[] }>('/v1/orders', { count: 2 });
    const show = async (id: string): Promise<OrderView> => (await client.get<OrderView>(`/v1/orders/${id}`)).data;
    for (const id of data.ids) expect(await eventually(() => show(id), (order) => order.state === 'fulfilled')).toMatchObject({ providingMember: 'manager.b.test' });
    await speaker.stop();
    all = [silent];
    await eventually(() => speaks(silent), (now) => now);
    await client.delete('/v1/orders');
    await eventually(async () => (await client.get<{ orders: unknown[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
    await eventually(async () => (await peer.control.get<unknown[]>('/instances')).data, (left) => left.length === 0);
  });
});
