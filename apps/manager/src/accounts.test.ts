import { eventually, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

jest.setTimeout(30_000);

interface Order { readonly id: string; readonly state: string }

let manager: TestManager;
beforeAll(async () => {
  manager = await startManager(
    { 'cloud.mapper': 'user', 'cloud.credentials': { username: 'shared' }, 'cloud.accounts': { alice: { username: 'alice-here' } } },
    { maxInstances: 1, powerActions: ['start', 'stop'] },
  );
});
afterAll(() => manager.stop());

/** In all accounts; each has room for one. */
const machines = async (): Promise<number> => (await manager.control.get<unknown[]>('/instances')).data.length;

test('each user has the machines and the room of their own account, from the first to the last', async () => {
  const [alice, mallory] = [manager.client('alice'), manager.client('mallory')];
  const states = async (client: typeof alice): Promise<string[]> => (await client.get<{ orders: Order[] }>('/v1/orders')).data.orders.map(({ state }) => state).sort();
  for (const client of [alice, mallory]) expect((await client.post('/v1/orders', { count: 2, flavor: 'small' })).status).toBe(201);
  await eventually(() => Promise.all([states(alice), states(mallory)]), (seen) => seen.every(([first, second]) => first === 'fulfilled' && second === 'open'));
  expect(await machines()).toBe(2);
  expect((await alice.get<{ limit: { instances: number } }>('/v1/members/manager.test.local/quota')).data).toMatchObject({ limit: { instances: 2 }, used: { instances: 2 } });

  const running = (await alice.get<{ orders: Order[] }>('/v1/orders')).data.orders.find(({ state }) => state === 'fulfilled');
  expect((await alice.post(`/v1/computes/${running?.id}/actions`, { action: 'stop' })).status).toBeLessThan(300);

  await alice.delete('/v1/orders');
  await eventually(machines, (left) => left === 1);
  expect(await states(mallory)).toEqual(['fulfilled', 'open']);
  await mallory.delete('/v1/orders');
  await eventually(machines, (left) => left === 0);
});
