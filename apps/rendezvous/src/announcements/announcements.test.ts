import { createMemoryNetwork, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { MembersQuery } from '@fogbow/messaging';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { createMemoryMemberTable } from '../members/memory-member-table.js';
import { noWatch } from '../observe/rendezvous-watch.js';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';
import { createIamaliveHandler } from './iamalive-handler.js';
import { createMemberNews } from './member-news.js';
import { createWhoisaliveHandler } from './whoisalive-handler.js';

jest.setTimeout(30_000);

interface Options { readonly admitted?: readonly string[]; readonly oldStatus?: boolean; readonly tellsPeriod?: boolean; readonly pageMax?: number }

async function rendezvous({ admitted, oldStatus = false, tellsPeriod = true, pageMax = 2 }: Options = {}) {
  const time = { ms: 0 };
  const uptime = (): number => time.ms;
  const told: string[] = [];
  const counted: string[] = [];
  const watch: RendezvousWatch = { ...noWatch, announcement: (outcome) => void counted.push(outcome), refusal: (what) => void counted.push(`refused ${what}`) };
  const table = createMemoryMemberTable({ clock: { uptime }, timeoutMs: 3000, maxMembers: 1000 });
  const news = createMemberNews({ ...silentLogger, warn: (message, fields) => void told.push(`${message} ${JSON.stringify(fields)}`) }, { uptime });
  const network = createMemoryNetwork();
  const [server, member] = [network.link('r.test'), network.link('m.test')];
  const admission = { admits: (id: string) => admitted?.includes(id) ?? true };
  server.handle(IAMALIVE, createIamaliveHandler({ table, admission, news, watch, ...(tellsPeriod ? { periodMs: 1000 } : {}) }));
  server.handle(WHOISALIVE, createWhoisaliveHandler({ table, clock: { ...systemClock, now: () => new Date(5000 + time.ms) }, pageMax, oldStatus, watch }));
  await Promise.all([server.start(), member.start()]);
  return { time, member, told, counted, table, network, list: (query: MembersQuery = {}) => member.request('r.test', WHOISALIVE, query) };
}

it('enters who announces itself, tells the period, and drops it after three periods', async () => {
  const { member, list, time } = await rendezvous();
  expect(await member.request('r.test', IAMALIVE, { certificate: 'QQ==' })).toEqual({ periodMs: 1000 });
  time.ms = 3000;
  expect(await list()).toEqual({ members: [{ id: 'm.test', certificate: 'QQ==' }], total: 1, index: 0 });
  time.ms = 3001;
  expect(await list()).toEqual({ members: [], total: 0 });
});

it('does not tell the period when it should not', async () => {
  const { member } = await rendezvous({ tellsPeriod: false });
  expect(await member.request('r.test', IAMALIVE, {})).toEqual({});
});

it.each<[string, string[], number]>([['admits the listed', ['m.test'], 1], ['ignores the others, with the usual answer and one line', ['x.test'], 0]])('%s', async (_what, admitted, total) => {
  const { member, list, told, counted } = await rendezvous({ admitted });
  for (const _time of [1, 2]) expect(await member.request('r.test', IAMALIVE, {})).toEqual({ periodMs: 1000 });
  expect(await list()).toMatchObject({ total });
  expect([told.length, counted]).toEqual(total === 1 ? [0, ['entered', 'refreshed']] : [1, ['ignored', 'ignored']]);
});

it('keeps the newest certificate of a live member, and says so within bounds', async () => {
  const { member, list, told } = await rendezvous();
  for (const certificate of ['one', 'one', 'two']) await member.request('r.test', IAMALIVE, { certificate });
  expect((await list()).members).toEqual([{ id: 'm.test', certificate: 'two' }]);
  expect(told).toEqual([expect.stringMatching(/another certificate.*"member":"m.test","sha256":"[0-9a-f]{16}"/)]);
  for (let count = 0; count < 100; count += 1) await member.request('r.test', IAMALIVE, { certificate: `c${count}` });
  expect(told).toHaveLength(60);
});

it('refuses what would not fit into a page', async () => {
  const { member, counted } = await rendezvous();
  await expect(member.request('r.test', IAMALIVE, { certificate: 'x'.repeat(8193) })).rejects.toMatchObject({ code: 'bad-syntax' });
  expect(counted).toEqual(['refused announcement']);
});

it('refuses who cannot be a member', async () => {
  const { network } = await rendezvous();
  const odd = network.link('not_a_member');
  await odd.start();
  await expect(odd.request('r.test', IAMALIVE, {})).rejects.toMatchObject({ code: 'bad-syntax' });
});

it('passes on that a page begins after nobody', async () => {
  const { list, counted } = await rendezvous();
  await expect(list({ after: 'gone.test' })).rejects.toMatchObject({ code: 'not-found' });
  expect(counted).toEqual(['refused question']);
});

describe('the old status', () => {
  const status = { cpuIdle: '4', instancesInUse: '2' };
  it('is told as its member told it', async () => {
    const { member, list } = await rendezvous();
    await member.request('r.test', IAMALIVE, { status });
    expect((await list()).members).toEqual([{ id: 'm.test', status }]);
  });
  it('is told whole where it is wanted, with the time when the member was heard', async () => {
    const { member, list, time, table } = await rendezvous({ oldStatus: true });
    await member.request('r.test', IAMALIVE, { status });
    await table.announce({ id: 'a.test' });
    time.ms = 1500;
    const none = { cpuIdle: '0', cpuInUse: '0', memIdle: '0', memInUse: '0', instancesIdle: '0', instancesInUse: '0' };
    expect((await list()).members).toEqual([
      { id: 'a.test', status: none, updated: '1970-01-01T00:00:05.000Z' }, { id: 'm.test', status: { ...none, ...status }, updated: '1970-01-01T00:00:05.000Z' },
    ]);
  });
});

it.each(['<', '"', "'"])('makes pages as small as a stanza needs, and loses nobody, where certificates are all %s', async (character) => {
  const { list, table } = await rendezvous({ pageMax: 1000 });
  const ids = Array.from({ length: 150 }, (_, index) => `m${String(index).padStart(3, '0')}.test`);
  for (const id of ids) await table.announce({ id, certificate: character.repeat(8192) });
  const found: string[] = [];
  for (let page = await list(); page.members.length > 0; page = await list({ after: found.at(-1) as string })) {
    expect([page.index, page.total]).toEqual([found.length, 150]);
    found.push(...page.members.map(({ id }) => id));
  }
  expect(found).toEqual(ids);
});
