import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axios from 'axios';
import type { AxiosInstance } from 'axios';
import { build } from 'esbuild';
import { stopHost } from '@fogbow/cloud-local';
import { eventually, freePort, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

jest.setTimeout(60_000);

interface Order { readonly id: string; readonly state: string; readonly instanceId?: string; readonly reason?: string; readonly failure?: string }

const submit = async (client: AxiosInstance, body: Record<string, unknown> = {}): Promise<string> => {
  const answer = await client.post<{ ids: string[] }>('/v1/orders', body);
  expect([answer.status, answer.data]).toMatchObject([201, {}]);
  return answer.data.ids[0] ?? '';
};
const until = async (client: AxiosInstance, id: string, state: string, boundMs?: number): Promise<Order> =>
  await eventually(async () => (await client.get<Order>(`/v1/orders/${id}`)).data, (order) => order.state === state, boundMs);
const clear = async (client: AxiosInstance): Promise<void> => {
  for (const kind of ['attachment', 'compute', 'storage', 'network']) {
    const { orders } = (await client.get<{ orders: (Order & { kind: string })[] }>('/v1/orders')).data;
    await Promise.all(orders.filter((order) => order.kind === kind).map(({ id }) => client.delete(`/v1/orders/${id}`)));
  }
  await eventually(async () => (await client.get<{ orders: Order[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
};
const cloudOf = ({ instanceId = '' }: Order): string => (instanceId.includes('~') ? instanceId.split('~')[0] ?? '' : 'main');
const IN_LAB = 'FogbowCloud == "lab"';

describe('a Manager over two fake clouds', () => {
  let manager: TestManager;
  let client: AxiosInstance;
  let lab: AxiosInstance;
  beforeAll(async () => {
    const controlPort = await freePort();
    lab = axios.create({ baseURL: `http://127.0.0.1:${controlPort}/control` });
    manager = await startManager({
      'cloud.more': { lab: { plugin: 'cloud-fake', settings: { controlPort, password: 'secret', images: ['only-here', 'fogbow-linux'], powerActions: ['stop'] }, credentials: { password: 'secret' } } },
    }, { maxInstances: 1, lacks: ['networks'] });
    client = manager.client();
  });
  afterAll(() => manager.stop());
  afterEach(async () => {
    for (const control of [manager.control, lab]) await control.put('/knobs', { outage: false, refuse: 'none', createDelay: 0, describeDelay: 0 });
    await clear(client);
    for (const control of [manager.control, lab]) expect((await control.get<unknown[]>('/instances')).data).toEqual([]);
  });

  test('what has no room in the first goes to the next, and quotas are added', async () => {
    const [first, second] = [await until(client, await submit(client), 'fulfilled'), await until(client, await submit(client), 'fulfilled')];
    expect([first, second].map(cloudOf)).toEqual(['main', 'lab']);
    expect((await client.get('/v1/members/manager.test.local/quota')).data).toMatchObject({ used: { instances: 2 } });
  });

  test('the requirements may name a cloud, and one that is not there fits nobody', async () => {
    expect(cloudOf(await until(client, await submit(client, { requirements: IN_LAB }), 'fulfilled'))).toBe('lab');
    const nowhere = await submit(client, { requirements: 'FogbowCloud == "moon"' });
    const order = await eventually(async () => (await client.get<Order>(`/v1/orders/${nowhere}`)).data, ({ reason }) => reason?.includes('FogbowCloud') === true);
    expect(order).toMatchObject({ state: 'open' });
  });

  test('an image that only one has leads there', async () => {
    await manager.control.put('/knobs', { images: ['fogbow-linux'] });
    expect(cloudOf(await until(client, await submit(client, { image: 'only-here' }), 'fulfilled'))).toBe('lab');
    await manager.control.put('/knobs', { images: null });
  });

  test('volumes, networks and machines that belong together stay together', async () => {
    const network = await until(client, await submit(client, { kind: 'network', network: { cidr: '10.30.0.0/24', allocation: 'dynamic' } }), 'fulfilled');
    expect(cloudOf(network)).toBe('lab');
    const machine = await until(client, await submit(client, { networkOrderIds: [network.id] }), 'fulfilled');
    expect(cloudOf(machine)).toBe('lab');
    const [near, far] = [await until(client, await submit(client, { kind: 'storage', sizeGb: 1, requirements: IN_LAB }), 'fulfilled'), await until(client, await submit(client, { kind: 'storage', sizeGb: 1 }), 'fulfilled')];
    expect([near, far].map(cloudOf)).toEqual(['lab', 'main']);
    const attachment = (volume: Order) => ({ kind: 'attachment', attachment: { computeOrderId: machine.id, volumeOrderId: volume.id } });
    expect(cloudOf(await until(client, await submit(client, attachment(near)), 'fulfilled'))).toBe('lab');
    expect(await client.post('/v1/orders', attachment(far))).toMatchObject({ status: 409, data: { detail: expect.stringContaining('different clouds') as string } });
  });

  test('machines are switched where they are', async () => {
    const machine = await until(client, await submit(client, { requirements: IN_LAB }), 'fulfilled');
    const act = (action: string) => client.post(`/v1/computes/${machine.id}/actions`, { action });
    expect((await act('stop')).status).toBeLessThan(300);
    expect((await act('start')).status).toBe(405);
  });

  test('a cloud that does not answer stops neither orders nor removals of the other, and loses nothing', async () => {
    const here = await until(client, await submit(client), 'fulfilled');
    await manager.control.put('/knobs', { outage: true });
    // Whoever asks first may learn it the hard way, and then waits for the cloud that may have a machine of it.
    const caught = await submit(client);
    await eventually(async () => (await client.get<Order>(`/v1/orders/${caught}`)).data, ({ state, reason }) => state === 'fulfilled' || reason !== undefined);
    const there = await until(client, await submit(client), 'fulfilled');
    expect(cloudOf(there)).toBe('lab');
    expect((await client.delete(`/v1/orders/${there.id}`)).status).toBe(204);
    await eventually(async () => (await client.get(`/v1/orders/${there.id}`)).status, (status) => status === 404);
    expect((await client.get('/v1/members/manager.test.local/quota')).status).toBe(200);
    expect((await client.get<Order>(`/v1/orders/${here.id}`)).data).toMatchObject({ state: 'fulfilled', instanceId: here.instanceId });
    await manager.control.put('/knobs', { outage: false });
    await until(client, caught, 'fulfilled');
  });

  test('nor does one that takes every question and answers none', async () => {
    const here = await until(client, await submit(client), 'fulfilled');
    await manager.control.put('/knobs', { describeDelay: 600_000 });
    // What the cloud said of its room is believed for a second.
    const begun = performance.now();
    await eventually(() => Promise.resolve(performance.now()), (now) => now > begun + 1100);
    const there = await until(client, await submit(client), 'fulfilled', 40_000);
    expect(cloudOf(there)).toBe('lab');
    await client.delete(`/v1/orders/${there.id}`);
    await eventually(async () => (await client.get(`/v1/orders/${there.id}`)).status, (status) => status === 404, 40_000);
    expect((await client.get<Order>(`/v1/orders/${here.id}`)).data).toMatchObject({ state: 'fulfilled', instanceId: here.instanceId });
  });

  test('a token that one cloud stops accepting is replaced there', async () => {
    await lab.post('/tokens/expire');
    expect(cloudOf(await until(client, await submit(client, { requirements: IN_LAB }), 'fulfilled'))).toBe('lab');
  });
});

test('a Manager over cloud-local and a fake cloud', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'several-'));
  const [machineProgram, root] = [join(folder, 'machine.js'), resolve(__dirname, '../../..')];
  await build({
    absWorkingDir: root, entryPoints: ['libs/plugins/cloud-local/src/machine/main.ts'], outfile: machineProgram, bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    loader: { '.node': 'copy' }, external: ['cpu-features'], tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'error',
  });
  const directory = join(folder, 'cloud');
  const manager = await startManager({ 'cloud.name': 'den', 'cloud.more': { own: { plugin: 'cloud-local', settings: { directory, machineProgram, maxInstances: 1 } } } }, { maxInstances: 1 });
  try {
    const client = manager.client();
    const orders = await Promise.all([await submit(client), await submit(client)].map((id) => until(client, id, 'fulfilled')));
    expect(orders.map(({ instanceId = '' }) => instanceId.startsWith('own~')).sort()).toEqual([false, true]);
    const third = await submit(client);
    const waiting = await eventually(async () => (await client.get<Order>(`/v1/orders/${third}`)).data, ({ reason }) => reason?.includes('own:') === true);
    expect(waiting).toMatchObject({ state: 'open', reason: expect.stringMatching(/den: .*no room: instances.*; own: .*no room: instances/) as string });
    await clear(client);
    expect(existsSync(join(directory, 'machines')) ? readdirSync(join(directory, 'machines')) : []).toEqual([]);
  } finally {
    await manager.stop();
    await stopHost(directory);
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each<[string, object, RegExp]>([
  ['an unknown plugin', { lab: { plugin: 'cloud-moon' } }, /cloud\.more\.lab\.plugin cloud-moon is not known/],
  ['no plugin', { lab: {} }, /cloud\.more\.lab\.plugin is missing/],
  ['a wrong setting', { lab: { plugin: 'cloud-fake', settings: { maxInstances: 'many' } } }, /cloud\.more\.lab\.settings\.maxInstances/],
  ['an unknown key', { lab: { plugin: 'cloud-fake', setings: {} } }, /cloud\.more\.lab\.setings is not known; there are plugin, settings, credentials, accounts/],
  ['a bad name', { 'La~b': { plugin: 'cloud-fake' } }, /cloud\.more\.La~b: the name must begin with a letter/],
  ['the name of the first', { main: { plugin: 'cloud-fake' } }, /the first cloud has that name already/],
  ['no map', { lab: 'cloud-fake' }, /cloud\.more\.lab must be a map/],
  ['a file that is not there', { lab: { plugin: 'cloud-fake', credentials: { passwordFile: '/nowhere' } } }, /cloud\.more\.lab\.credentials\.passwordFile cannot be read/],
  ['accounts without a mapper', { lab: { plugin: 'cloud-fake', accounts: { alice: {} } } }, /cloud\.more\.lab\.accounts is of no use with cloud\.mapper single/],
])('a further cloud with %s is a fault of the configuration', async (_name, more, words) => {
  await expect(startManager({ 'cloud.more': more })).rejects.toThrow(words);
});
