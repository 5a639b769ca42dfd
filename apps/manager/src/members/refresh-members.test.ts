import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { FogbowError } from '@fogbow/plugin-contracts';
import { createMemoryNetwork, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { AliveMember, Announcement, MembersPage, MembersQuery } from '@fogbow/messaging';
import { openTestDatabase } from '../testing/open-test-database.js';
import { createSelfAnnouncer } from './announce-self.js';
import { createMemberStore } from './member-store.js';
import { createRefreshMembers } from './refresh-members.js';

jest.setTimeout(30_000);

let database: Kysely<unknown>;
beforeAll(async () => { database = await openTestDatabase(); });
afterAll(() => database.destroy());
beforeEach(async () => void await sql`delete from members`.execute(database));

const SELF = 'manager.self.test';
const signal = new AbortController().signal;

/** A Rendezvous that names whom the test says, and a Manager's duty that asks it. */
async function open({ pageMax = 100, original = false, period }: { pageMax?: number; original?: boolean; period?: number } = {}) {
  const time = { ms: 0 };
  const state = { alive: [] as AliveMember[], announced: [] as Announcement[], newcomers: [] as string[], again: [] as number[], beforePage: (_query: MembersQuery): void => undefined };
  const network = createMemoryNetwork();
  const [rendezvous, link] = [network.link('r.test'), network.link(SELF)];
  rendezvous.handle(IAMALIVE, async (_from, announcement) => {
    state.announced.push(announcement);
    return period === undefined ? {} : { periodMs: period };
  });
  rendezvous.handle(WHOISALIVE, async (_from, query): Promise<MembersPage> => {
    state.beforePage(query);
    const start = query.after === undefined ? 0 : state.alive.findIndex(({ id }) => id === query.after) + 1;
    if (query.after !== undefined && start === 0) throw new FogbowError('not-found', 'gone');
    const members = state.alive.slice(start, start + Math.min(query.max ?? pageMax, pageMax));
    return original ? { members, total: members.length } : { members, total: state.alive.length, index: start };
  });
  await Promise.all([rendezvous.start(), link.start()]);
  const announcer = createSelfAnnouncer({
    link, rendezvous: 'r.test', timeoutMs: 5000, periodMs: 30_000, clock: { uptime: () => time.ms }, callAgainIn: (ms) => void state.again.push(ms),
    facts: async () => ({ certificate: 'ours' }),
  });
  const refresh = createRefreshMembers({
    members: createMemberStore(database), link, self: SELF, announcer, list: { rendezvous: 'r.test', timeoutMs: 5000, pageSize: 100 }, memberLifeMs: 60_000,
    appeared: async (members) => void state.newcomers.push(...[...members].sort()),
  });
  const known = async (): Promise<unknown[]> => (await sql<{ id: string; certificate: string | null }>`select id, certificate from members order by id`.execute(database)).rows.map((row) => [row.id, row.certificate]);
  return { time, state, refresh: () => refresh(signal), known };
}

it('remembers whom the Rendezvous names, with what they publish', async () => {
  const { state, refresh, known } = await open();
  state.alive = [{ id: 'a.test', certificate: 'one' }, { id: 'b.test' }, { id: 'no member' }, { id: 'c.test', certificate: 'x'.repeat(20_000) }];
  await refresh();
  expect(await known()).toEqual([['a.test', 'one'], ['b.test', null], ['c.test', null]]);
  expect([state.newcomers, state.announced]).toEqual([['a.test', 'b.test', 'c.test'], [{ certificate: 'ours' }]]);
  state.alive = [{ id: 'a.test', certificate: 'two' }];
  await refresh();
  expect(await known()).toEqual([['a.test', 'two'], ['b.test', null], ['c.test', null]]);
  expect(state.newcomers).toHaveLength(3);
});

it.each([[1, true], [1, false], [3, true], [100, true]])('reads all pages of %i (an original: %s)', async (pageMax, original) => {
  const { state, refresh, known } = await open({ pageMax, original });
  state.alive = ['a.test', 'b.test', 'c.test', 'd.test'].map((id) => ({ id }));
  await refresh();
  expect(await known()).toHaveLength(4);
});

it('reads on when the member at which it stood has gone', async () => {
  const { state, refresh, known } = await open({ pageMax: 2 });
  state.alive = ['a.test', 'b.test', 'c.test', 'd.test'].map((id) => ({ id }));
  state.beforePage = ({ after }) => { if (after === 'b.test') state.alive = state.alive.filter(({ id }) => id !== 'b.test'); };
  await refresh();
  expect(await known()).toHaveLength(4);
});

it('takes a list that names somebody twice', async () => {
  const { state, refresh, known } = await open({ original: true });
  state.alive = [{ id: 'a.test' }, { id: 'a.test', certificate: 'later' }];
  await refresh();
  expect(await known()).toEqual([['a.test', 'later']]);
});

it('announces as seldom as the Rendezvous wants, while that names us', async () => {
  const { time, state, refresh } = await open({ period: 180_000 });
  state.alive = [{ id: SELF }];
  for (; time.ms < 360_000; time.ms += 30_000) await refresh();
  expect(state.announced).toHaveLength(2);
  state.alive = [];
  await refresh();
  state.announced.length = 0;
  for (const _time of [1, 2]) await refresh();
  expect([state.announced.length, state.again]).toEqual([2, []]);
});

it('asks to be called more often when the Rendezvous wants to hear more', async () => {
  const { time, state, refresh } = await open({ period: 5000 });
  state.alive = [{ id: SELF }];
  await refresh();
  time.ms += 5000;
  await refresh();
  expect([state.announced.length, state.again]).toEqual([2, [5000, 5000]]);
});
