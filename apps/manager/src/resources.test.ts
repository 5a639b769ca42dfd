import { randomUUID } from 'node:crypto';
import type { AxiosInstance } from 'axios';
import { sql } from 'kysely';
import { INSTANCEACTION, ORDER, REMOVEORDER, REMOVESTORAGELINK, STORAGELINK } from '@fogbow/messaging';
import { openDatabase } from '@fogbow/storage';
import { eventually } from './testing/start-manager.js';
import { startFederation } from './testing/start-federation.js';
import type { TestFederation, TestMember } from './testing/start-federation.js';

interface View {
  id: string; state: string; reason?: string; failure?: string; instanceId?: string; providingMember?: string; device?: string; gateway?: string;
  addresses?: { networkId: string; address: string }[]; history: { event: string }[];
}

type Collection = 'computes' | 'volumes' | 'networks' | 'attachments';
const CLOUD_NAMES = ['instances', 'volumes', 'networks', 'attachments'] as const;
const ABROAD = { requirements: 'Glue2CloudComputeManagerID != "manager.a.test"' };
const NETWORK = { network: { cidr: '10.20.0.0/24', gateway: '10.20.0.1', allocation: 'dynamic' } };

const show = async (client: AxiosInstance, collection: Collection, id: string): Promise<View> => (await client.get<View>(`/v1/${collection}/${id}`)).data;
const until = async (client: AxiosInstance, collection: Collection, id: string, state: string): Promise<View> => await eventually(() => show(client, collection, id), (one) => one.state === state);
const order = async (client: AxiosInstance, collection: Collection, body: Record<string, unknown> = {}): Promise<string> => {
  const { status, data } = await client.post<{ ids: string[]; detail?: string }>(`/v1/${collection}`, body);
  expect([status, data.detail]).toEqual([201, undefined]);
  return data.ids[0] as string;
};
const gone = async (client: AxiosInstance, collection: Collection, id: string): Promise<void> => {
  expect((await client.delete(`/v1/${collection}/${id}`)).status).toBe(204);
  await eventually(async () => (await client.get(`/v1/${collection}/${id}`)).status, (status) => status === 404);
};
const link = (computeOrderId: string, volumeOrderId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ attachment: { computeOrderId, volumeOrderId, ...more } });
const inCloud = async (member: TestMember): Promise<Record<string, number>> =>
  Object.fromEntries(await Promise.all(CLOUD_NAMES.map(async (name) => [name, (await member.manager.control.get<unknown[]>(`/${name}`)).data.length] as const)));
const NOTHING = { instances: 0, volumes: 0, networks: 0, attachments: 0 };

jest.setTimeout(30_000);

describe('volumes, networks and attachments', () => {
  let federation: TestFederation;
  let a: TestMember;
  let b: TestMember;
  beforeAll(async () => {
    federation = await startFederation([{ maxVolumes: 3 }, {}]);
    [a, b] = federation.members as [TestMember, TestMember];
    await eventually(async () => (await a.client.get<{ members: { alive: boolean }[] }>('/v1/members')).data.members, (members) => members.filter((one) => one.alive).length === 2);
  });
  afterAll(() => federation.stop());
  afterEach(async () => {
    expect((await a.client.delete('/v1/orders')).status).toBe(200);
    await eventually(async () => (await a.client.get<{ orders: unknown[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
    for (const member of federation.members) await eventually(() => inCloud(member), (left) => Object.values(left).every((count) => count === 0));
  });

  describe.each([['at home', {}], ['abroad', ABROAD]])('%s', (_where, place) => {
    const provider = (): TestMember => (place === ABROAD ? b : a);

    test('a machine, a volume and their attachment ordered at once are there, and go in the order of their needs only', async () => {
      const [machine, volume] = [await order(a.client, 'computes', place), await order(a.client, 'volumes', { sizeGb: 2, title: 'data', ...place })];
      const attached = await order(a.client, 'attachments', link(machine, volume, { device: '/dev/vdd' }));
      expect(await until(a.client, 'attachments', attached, 'fulfilled')).toMatchObject({ providingMember: provider().id, device: '/dev/vdd' });
      expect(await inCloud(provider())).toEqual({ ...NOTHING, instances: 1, volumes: 1, attachments: 1 });
      for (const [collection, id] of [['computes', machine], ['volumes', volume]] as const) {
        const refused = await a.client.delete<{ code: string; ids: string[] }>(`/v1/${collection}/${id}`);
        expect([refused.status, refused.data.code, refused.data.ids]).toEqual([409, 'conflict', [attached]]);
      }
      await gone(a.client, 'attachments', attached);
      expect(await inCloud(provider())).toEqual({ ...NOTHING, instances: 1, volumes: 1 });
      await gone(a.client, 'volumes', volume);
      await gone(a.client, 'computes', machine);
    });

    test('machines of one network have an address each, and it cannot go while they are on it', async () => {
      const network = await order(a.client, 'networks', { ...NETWORK, ...place });
      const ids = [await order(a.client, 'computes', { networkOrderIds: [network] }), await order(a.client, 'computes', { networkOrderIds: [network] })];
      const machines = await Promise.all(ids.map((id) => until(a.client, 'computes', id, 'fulfilled')));
      const { instanceId = '', gateway } = await until(a.client, 'networks', network, 'fulfilled');
      expect(gateway).toBe('10.20.0.1');
      const addresses = machines.flatMap((one) => one.addresses ?? []);
      expect(addresses.map((one) => one.networkId)).toEqual([instanceId, instanceId]);
      expect(new Set(addresses.map((one) => one.address)).size).toBe(2);
      expect(addresses.every(({ address }) => address.startsWith('10.20.0.') && address !== gateway)).toBe(true);
      expect(machines.map((one) => one.providingMember)).toEqual([provider().id, provider().id]);
      const refused = await a.client.delete<{ ids: string[] }>(`/v1/networks/${network}`);
      expect([refused.status, [...refused.data.ids].sort()]).toEqual([409, [...ids].sort()]);
    });

    test('a volume that vanishes ends its order, and its attachment with it', async () => {
      const [machine, volume] = [await order(a.client, 'computes', place), await order(a.client, 'volumes', { sizeGb: 1, ...place })];
      const attached = await order(a.client, 'attachments', link(machine, volume));
      await until(a.client, 'attachments', attached, 'fulfilled');
      const { data } = await provider().manager.control.get<{ id: string }[]>('/volumes');
      await provider().manager.control.post(`/volumes/${data[0]?.id}/vanish`);
      expect(await until(a.client, 'volumes', volume, 'closed')).toMatchObject({ reason: expect.stringContaining('volume') as string, failure: 'not-found' });
      await until(a.client, 'attachments', attached, 'closed');
    });
  });

  test('a volume is attached to one machine after the other, and the second order waits with the reason', async () => {
    const [volume, ...machines] = [await order(a.client, 'volumes', { sizeGb: 1 }), await order(a.client, 'computes'), await order(a.client, 'computes')];
    const first = await order(a.client, 'attachments', link(machines[0] as string, volume));
    await until(a.client, 'attachments', first, 'fulfilled');
    const second = await order(a.client, 'attachments', link(machines[1] as string, volume));
    expect(await eventually(() => show(a.client, 'attachments', second), ({ reason }) => reason !== 'waiting to be placed')).toMatchObject({ state: 'open', reason: expect.stringContaining('attached already') as string });
    await gone(a.client, 'attachments', first);
    await until(a.client, 'attachments', second, 'fulfilled');
    expect(await inCloud(a)).toEqual({ ...NOTHING, instances: 2, volumes: 1, attachments: 1 });
  });

  test('a persistent machine that is lost comes back on its network, which stays', async () => {
    const network = await order(a.client, 'networks', NETWORK);
    const { data: { ids } } = await a.client.post<{ ids: string[] }>('/v1/orders', { type: 'persistent', networkOrderIds: [network] });
    const [machine = ''] = ids;
    const before = await until(a.client, 'computes', machine, 'fulfilled');
    await a.manager.control.post(`/instances/${before.instanceId?.split('@')[0]}/vanish`);
    const after = await eventually(() => show(a.client, 'computes', machine), (one) => one.state === 'fulfilled' && one.instanceId !== before.instanceId);
    expect(after.addresses).toHaveLength(1);
    expect(await inCloud(a)).toEqual({ ...NOTHING, instances: 1, networks: 1 });
  });

  test('a machine abroad is switched there, by its owner only, and its member tells its quota', async () => {
    const id = await order(a.client, 'computes', { flavor: 'small', ...ABROAD });
    const { instanceId = '' } = await until(a.client, 'computes', id, 'fulfilled');
    for (const [action, state] of [['suspend', 'suspended'], ['start', 'active'], ['stop', 'inactive']] as const) {
      expect((await a.client.post(`/v1/computes/${id}/actions`, { action })).status).toBe(204);
      expect(await show(a.client, 'computes', id)).toMatchObject({ state: 'fulfilled', instanceState: state });
    }
    expect(await a.client.post(`/v1/computes/${id}/actions`, { action: 'suspend' })).toMatchObject({ status: 409, data: { detail: expect.stringContaining(b.id) as string } });
    const stranger = await federation.stranger('nosy.test');
    await expect(stranger.request(b.id, INSTANCEACTION, { instanceId: instanceId.split('@')[0] ?? '', action: 'start' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await a.client.get(`/v1/members/${b.id}/quota`)).data).toMatchObject({ limit: { instances: null }, used: { instances: 1 }, usedByCaller: { instances: 1, vcpu: 1, ramMb: 512 } });
    expect((await a.manager.client('mallory').get(`/v1/members/${b.id}/quota`)).data).toMatchObject({ used: { instances: 1 }, usedByCaller: { instances: 0 } });
    expect((await a.client.get<string>(`/member/${b.id}/quota`)).data).toContain('instancesInUseByUser=1');
    expect((await a.client.get('/v1/members/nobody.test/quota')).status).toBe(404);
  });

  test('what has no room at home is made abroad', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => order(a.client, 'volumes', { sizeGb: 1 })));
    const found = await Promise.all(ids.map((id) => until(a.client, 'volumes', id, 'fulfilled')));
    expect(found.map((one) => one.providingMember).sort()).toEqual([a.id, a.id, a.id, b.id]);
  });

  test('what can never come together is refused at once, or fails with the reason', async () => {
    const [machine, volume] = [await order(a.client, 'computes'), await order(a.client, 'volumes', { sizeGb: 1, ...ABROAD })];
    const early = await order(a.client, 'attachments', link(machine, volume));
    await Promise.all([until(a.client, 'computes', machine, 'fulfilled'), until(a.client, 'volumes', volume, 'fulfilled')]);
    expect(await until(a.client, 'attachments', early, 'failed')).toMatchObject({ failure: 'conflict', reason: expect.stringContaining('different members') as string });
    expect(await a.client.post('/v1/attachments', link(machine, volume))).toMatchObject({ status: 409 });
    expect(await a.client.post('/v1/attachments', link(machine, machine))).toMatchObject({ status: 404 });
    expect(await a.client.post('/v1/attachments', link(machine, randomUUID()))).toMatchObject({ status: 404 });
    expect(await a.manager.client('mallory').post('/v1/attachments', link(machine, volume))).toMatchObject({ status: 404 });
    expect(await a.manager.client('mallory').post('/v1/computes', { networkOrderIds: [volume] })).toMatchObject({ status: 404 });
  });

  test('a volume whose order the database has lost is removed', async () => {
    const id = await order(a.client, 'volumes', { sizeGb: 1 });
    await until(a.client, 'volumes', id, 'fulfilled');
    const database = openDatabase<unknown>({ url: a.manager.databaseUrl, maxConnections: 1, onError: () => undefined });
    await sql`delete from orders where id = ${id}`.execute(database);
    await database.destroy();
    await eventually(() => inCloud(a), (left) => left['volumes'] === 0);
  });

  test('an original attaches and detaches what it has here, and nobody else’s', async () => {
    const original = await federation.stranger('original.test');
    const stranger = await federation.stranger('stranger.test');
    const [machine, volume] = [randomUUID(), randomUUID()];
    const answers = new Map<string, string>();
    original.onLateReply(ORDER, (_from, id, outcome) => void answers.set(id, 'reply' in outcome ? outcome.reply.instanceId : outcome.error.message));
    for (const [id, attributes] of [[machine, { 'org.fogbowcloud.order.resource-kind': 'compute' }], [volume, { 'org.fogbowcloud.order.resource-kind': 'storage', 'org.fogbowcloud.order.storage-size': '1' }]] as const) {
      await original.post(a.id, ORDER, { id, attributes, categories: [], token: { accessId: '', userId: 'olga', userName: 'Olga' } }, { id });
    }
    await eventually(() => Promise.resolve(answers.size), (size) => size === 2);
    const [instanceId = '', volumeId = ''] = [answers.get(machine), answers.get(volume)];
    await expect(stranger.request(a.id, STORAGELINK, { instanceId, volumeId })).rejects.toMatchObject({ code: 'not-found' });
    const { attachmentId } = await original.request(a.id, STORAGELINK, { instanceId, volumeId, device: '/dev/vdc' });
    expect(await inCloud(a)).toEqual({ ...NOTHING, instances: 1, volumes: 1, attachments: 1 });
    await expect(original.request(a.id, STORAGELINK, { instanceId, volumeId })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('attached already') as string });
    await expect(stranger.request(a.id, REMOVESTORAGELINK, { attachmentId, instanceId, volumeId })).rejects.toMatchObject({ code: 'not-found' });
    await original.request(a.id, REMOVESTORAGELINK, { attachmentId, instanceId, volumeId });
    await eventually(() => inCloud(a), (left) => left['attachments'] === 0);
    for (const orderId of [machine, volume]) await original.request(a.id, REMOVEORDER, { orderId });
  });
});
