import { createMemoryNetwork, SYNCH_WHOISALIVE } from '@fogbow/messaging';
import type { HeardMember, HeardPage, PageQuery } from '@fogbow/messaging';
import { createMemoryMemberTable } from '../members/memory-member-table.js';
import { noWatch } from '../observe/rendezvous-watch.js';
import { createAskNeighbour } from './ask-neighbour.js';
import type { AskNeighbourOptions } from './ask-neighbour.js';
import { createSynchHandler } from './synch-handler.js';

const TIMEOUT = 1000;

/** A Rendezvous `us` and a link of another, whose answers the test gives. */
async function open(options: Partial<AskNeighbourOptions> = {}) {
  const time = { ms: 10_000 };
  const counted: string[] = [];
  const watch = { ...noWatch, sync: (outcome: string) => void counted.push(outcome), refusal: (what: string) => void counted.push(`refused ${what}`) };
  const table = createMemoryMemberTable({ clock: { uptime: () => time.ms }, timeoutMs: TIMEOUT, maxMembers: 3 });
  const network = createMemoryNetwork();
  const [us, neighbour, stranger] = [network.link('us.test'), network.link('n.test'), network.link('x.test')];
  const asked: string[] = [];
  us.handle(SYNCH_WHOISALIVE, createSynchHandler({ table, neighbours: ['n.test'], pageMax: 2, timeoutMs: TIMEOUT, asked: (who) => void asked.push(who), watch }));
  const answers = { give: (_query: PageQuery): HeardPage => ({ members: [], total: 0 }) };
  neighbour.handle(SYNCH_WHOISALIVE, async (_from, query) => answers.give(query));
  await Promise.all([us, neighbour, stranger].map((link) => link.start()));
  const ask = createAskNeighbour({ table, link: us, pageSize: 2, timeoutMs: 5000, watch, ...options });
  return { time, table, neighbour, stranger, answers, asked, counted, ask: () => ask('n.test', new AbortController().signal), idsOf: async () => (await table.page({}, 100)).members.map(({ id }) => id) };
}

const heard = (id: string, facts: Partial<HeardMember> = {}): HeardMember => ({ id, quietForMs: 5, ...facts });
/** An original: pages of one, no position, the size of the page in place of the total. */
const original = (members: readonly HeardMember[]) => ({ after }: PageQuery): HeardPage => {
  const start = after === undefined ? 0 : members.findIndex(({ id }) => id === after) + 1;
  return { members: members.slice(start, start + 1), total: 1 };
};

it('tells neighbours, and only them, what it knows, in pages', async () => {
  const { table, time, neighbour, stranger, asked, counted } = await open();
  await table.announce({ id: 'a.test', certificate: 'c', status: { cpuIdle: '2' } });
  await table.announce({ id: 'b.test' });
  await table.announce({ id: 'c.test' });
  time.ms += 7;
  expect(await neighbour.request('us.test', SYNCH_WHOISALIVE, { max: 100 })).toEqual({
    members: [{ id: 'a.test', quietForMs: 7, timeoutMs: TIMEOUT, certificate: 'c', status: { cpuIdle: '2' } }, { id: 'b.test', quietForMs: 7, timeoutMs: TIMEOUT }], total: 3, index: 0,
  });
  expect(await neighbour.request('us.test', SYNCH_WHOISALIVE, { after: 'b.test' })).toMatchObject({ members: [{ id: 'c.test' }], total: 3, index: 2 });
  await expect(neighbour.request('us.test', SYNCH_WHOISALIVE, { after: 'x.test' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(stranger.request('us.test', SYNCH_WHOISALIVE, {})).rejects.toMatchObject({ code: 'forbidden' });
  expect([asked, counted]).toEqual([['n.test', 'n.test', 'n.test'], ['answered', 'answered', 'refused sync', 'refused sync']]);
});

it('reads every page of an original', async () => {
  const { answers, ask, idsOf } = await open();
  answers.give = original(['a.test', 'b.test', 'c.test'].map((id) => heard(id)));
  expect(await ask()).toEqual({ pages: 3, members: 3, entered: 3, refreshed: 0 });
  expect(await idsOf()).toEqual(['a.test', 'b.test', 'c.test']);
});

it('takes nobody whom it could not have entered itself', async () => {
  const { answers, ask, idsOf, counted } = await open();
  answers.give = original([heard('no_member'), heard('a.test', { certificate: 'x'.repeat(8193) }), heard('b.test'), heard('c.test'), heard('d.test'), heard('e.test')]);
  await ask();
  expect([await idsOf(), counted]).toEqual([['b.test', 'c.test', 'd.test'], ['refused heard']]);
});

it('lets nobody become younger while an answer is on its way', async () => {
  const { answers, ask, table, time } = await open();
  answers.give = (query) => {
    time.ms += 300;
    return original([heard('a.test')])(query);
  };
  await ask();
  expect((await table.page({}, 100)).members[0]?.quietForMs).toBeGreaterThanOrEqual(305);
});

it('takes only whom it wants', async () => {
  const { answers, ask, idsOf } = await open({ wants: (id) => id === 'b.test' });
  answers.give = original([heard('a.test'), heard('b.test')]);
  await ask();
  expect(await idsOf()).toEqual(['b.test']);
});

it('tells when a live member has another certificate', async () => {
  const changed: unknown[] = [];
  const { answers, ask, table, time } = await open({ certificateChanged: (...change) => void changed.push(change) });
  await table.announce({ id: 'a.test', certificate: 'old' });
  time.ms += 500;
  answers.give = original([heard('a.test', { certificate: 'new' })]);
  await ask();
  expect(changed).toEqual([['a.test', 'new']]);
});

it('keeps what came before the neighbour fell silent', async () => {
  const { answers, ask, idsOf } = await open();
  answers.give = ({ after }) => {
    if (after) throw new Error('a fault');
    return { members: [heard('a.test')], total: 2, index: 0 };
  };
  await expect(ask()).rejects.toMatchObject({ code: 'internal' });
  expect(await idsOf()).toEqual(['a.test']);
});

it('drops a member at the end of our own time, whatever the neighbour allows', async () => {
  const { answers, ask, idsOf, time } = await open();
  answers.give = original([heard('a.test', { quietForMs: 900, timeoutMs: 1_000_000 }), heard('b.test', { quietForMs: 2000, timeoutMs: 1_000_000 })]);
  await ask();
  expect(await idsOf()).toEqual(['a.test']);
  time.ms += 100;
  expect(await idsOf()).toEqual([]);
});
