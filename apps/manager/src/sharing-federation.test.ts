import type { AxiosInstance } from 'axios';
import pg from 'pg';
import { GETREMOTEUSERQUOTA } from '@fogbow/messaging';
import { eventually } from './testing/start-manager.js';
import { startFederation } from './testing/start-federation.js';
import type { TestFederation, TestMember } from './testing/start-federation.js';

interface OrderView {
  id: string; state: string; reason?: string; providingMember?: string; placement?: { member: string; verdict: string }[];
  history: { event: string; reason?: string; provider?: string }[];
}

const at = (member: TestMember): { requirements: string } => ({ requirements: `Glue2CloudComputeManagerID == "${member.id}"` });
const show = async (client: AxiosInstance, id: string): Promise<OrderView> => (await client.get<OrderView>(`/v1/orders/${id}`)).data;
const until = async (member: TestMember, id: string, wanted: (order: OrderView) => boolean): Promise<OrderView> => await eventually(() => show(member.client, id), wanted);
const fulfilled = (order: OrderView): boolean => order.state === 'fulfilled';
const submit = async (member: TestMember, body: Record<string, unknown> = {}): Promise<string> => {
  const { status, data } = await member.client.post<{ ids: string[] }>('/v1/orders', body);
  expect(status).toBe(201);
  return data.ids[0] as string;
};
const verdictOn = (order: OrderView, member: TestMember): string => order.placement?.find((one) => one.member === member.id)?.verdict ?? '';

jest.setTimeout(40_000);

let federation: TestFederation;
let a: TestMember;
let b: TestMember;
let c: TestMember;

async function start(clouds: readonly Record<string, unknown>[], settings: Record<string, unknown>): Promise<void> {
  federation = await startFederation(clouds, settings);
  [a, b, c] = federation.members as [TestMember, TestMember, TestMember];
  for (const { client } of federation.members) {
    await eventually(async () => (await client.get<{ members: { alive: boolean }[] }>('/v1/members')).data.members, (members) => members.filter(({ alive }) => alive).length === clouds.length);
  }
}
afterEach(() => federation.stop());

describe('an order of our own users finds our cloud full', () => {
  // The requester shall learn it from its provider's answer and not by its own look at just that moment.
  beforeEach(() => start([{ maxInstances: 1 }, { maxInstances: 1 }], { 'prioritization.local.plugin': 'prioritization-remote-first-out', 'periods.monitor': '30s' }));

  test('a served machine gives way; its requester is told why, and its one-time order ends', async () => {
    const served = await submit(a, at(b));
    await until(a, served, fulfilled);
    const own = await until(b, await submit(b, at(b)), fulfilled);
    expect(own.history.map(({ event }) => event)).toEqual(['submitted', 'accepted-here', 'ready']);
    expect(await b.machines()).toHaveLength(1);
    const lost = await until(a, served, ({ state }) => state === 'closed');
    expect(lost.reason).toBe(`its machine is gone: ${b.id} says: it gave way to another order: an order of ${b.id} itself goes before those of other members`);
  });

  test('a persistent order of the requester looks for another place, and does not take the room back', async () => {
    const served = await submit(a, { ...at(b), type: 'persistent' });
    await until(a, served, fulfilled);
    const own = await submit(b, at(b));
    await until(b, own, fulfilled);
    const waiting = await until(a, served, ({ state, placement }) => state === 'open' && placement?.some(({ verdict }) => verdict.includes('no room')) === true);
    expect(waiting.history.find(({ event }) => event === 'lost-reopened')?.reason).toMatch(/gave way to another order/);
    expect(verdictOn(waiting, b)).toMatch(/^refused a moment ago: no room: instances used up; nobody gives way/);
    await b.client.delete(`/v1/orders/${own}`);
    expect((await until(a, served, fulfilled)).providingMember).toBe(b.id);
  });

  test('machines of its own member stay, and the order says why', async () => {
    const first = await submit(b, at(b));
    await until(b, first, fulfilled);
    const second = await until(b, await submit(b, at(b)), ({ reason }) => reason?.startsWith('no room') === true);
    expect(verdictOn(second, b)).toBe('no room: instances used up; nobody gives way: no other member has a machine here that would make room');
    expect((await show(b.client, first)).state).toBe('fulfilled');
  });

  test('a dry run touches nobody', async () => {
    const served = await submit(a, at(b));
    await until(a, served, fulfilled);
    const { data } = await b.client.post<{ orders: { decision: string; reason: string }[] }>('/v1/orders?dryRun=true', at(b));
    expect(JSON.stringify(data)).toContain('room is being made at home: 1 of another owner gives way');
    expect(await show(a.client, served)).toMatchObject({ state: 'fulfilled' });
  });
});

test('many at once each get one machine, one for one, and nobody beyond that loses any', async () => {
  await start([{ maxInstances: 0 }, { maxInstances: 4 }], { 'prioritization.local.plugin': 'prioritization-remote-first-out' });
  const served = await Promise.all([1, 2, 3, 4].map(() => submit(a, at(b))));
  for (const id of served) await until(a, id, fulfilled);
  const own = await Promise.all([1, 2, 3].map(() => submit(b, at(b))));
  for (const id of own) expect((await until(b, id, fulfilled)).history.map(({ event }) => event)).toEqual(['submitted', 'accepted-here', 'ready']);
  const states = await eventually(() => Promise.all(served.map(async (id) => (await show(a.client, id)).state)), (seen) => seen.filter((state) => state === 'closed').length === 3);
  expect(states.filter((state) => state === 'fulfilled')).toHaveLength(1);
  expect(await b.machines()).toHaveLength(4);
});

test('the network of favours asks the member that owes us most, whatever the order of names', async () => {
  await start([{ maxInstances: 5 }, {}, {}], { 'picker.plugin': 'picker-network-of-favours' });
  const favour = await submit(c, at(a));
  await until(c, favour, fulfilled);
  const database = new pg.Client({ connectionString: a.manager.databaseUrl });
  await database.connect();
  await database.query("update order_history set at = at - interval '1000 seconds' where event = 'ready'");
  await database.end();
  const abroad = { requirements: `Glue2CloudComputeManagerID != "${a.id}"` };
  for (let round = 0; round < 3; round++) expect(await until(a, await submit(a, abroad), fulfilled)).toMatchObject({ providingMember: c.id });
});

test('the white lists say whom we ask and whom we serve', async () => {
  await start([{ maxInstances: 0 }, {}, { maxInstances: 0 }], { 'admission.plugin': 'admission-white-list', 'admission.settings': { serve: ['manager.a.test'], ask: ['manager.b.test'] } });
  const order = await until(a, await submit(a), fulfilled);
  expect(order.providingMember).toBe(b.id);
  expect(verdictOn(order, c)).toBe('it is not asked: Our white list does not name it among those whom we ask.');
  const refused = await until(c, await submit(c), ({ placement }) => placement?.some(({ verdict }) => verdict.includes('white list only')) === true);
  expect(verdictOn(refused, b)).toBe('refused a moment ago: This member serves members of its white list only.');
  expect(verdictOn(refused, a)).toBe('it is not asked: Our white list does not name it among those whom we ask.');
  // An outsider learns nothing of our cloud either, with or without a key.
  const outsider = await federation.stranger('manager.o.test');
  const token = { accessId: '', userId: 'u', userName: 'U' };
  await expect(outsider.request(a.id, GETREMOTEUSERQUOTA, { token }, { timeoutMs: 2000 })).rejects.toMatchObject({ code: 'forbidden' });
});

test('who returns nothing gets nothing in the end, and hears why', async () => {
  await start([{ maxInstances: 0 }, { maxInstances: 10 }], {
    'capacity.plugin': 'capacity-pairwise-fairness', 'capacity.settings': { delta: 0.5 }, 'periods.capacity': '300ms',
  });
  const first = await submit(a);
  await until(a, first, fulfilled);
  const sentence = `${a.id} has 1 of the 0 machines that it may have here by our policy, and wants 1 more.`;
  // Accounts are read anew within two seconds; two steps of a half leave nothing.
  const second = await eventually(async () => {
    const order = await until(a, await submit(a), ({ state, placement }) => state === 'fulfilled' || (state === 'open' && placement?.some(({ verdict }) => verdict.includes('by our policy')) === true));
    if (order.state === 'fulfilled') {
      await a.client.delete(`/v1/orders/${order.id}`);
      await eventually(() => a.client.get(`/v1/orders/${order.id}`), ({ status }) => status === 404);
    }
    return order;
  }, (order) => verdictOn(order, b).includes(sentence));
  expect(verdictOn(second, b)).toBe(`refused a moment ago: ${sentence}`);
  expect((await show(a.client, first)).state).toBe('fulfilled');
});
