import type { PageQuery } from '@fogbow/messaging';
import type { MemberTable, MemberTableOptions } from '../members/member-table.js';

/** A table for one test. */
export interface TableLab {
  open(options: MemberTableOptions): MemberTable;
  /** Lets the time of its tables pass, at once. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Long in comparison to the test, because the time of some tables passes by itself. */
const TIMEOUT = 1_000_000;
const SLACK = 20_000;

type Test = (lab: TableLab, table: MemberTable, dropped: string[]) => Promise<void>;

/** What every member table must do. Call inside a test file. */
export function describeMemberTable(name: string, openLab: () => Promise<TableLab>): void {
  const withTable = (test: Test, maxMembers = 1000) => async (): Promise<void> => {
    const lab = await openLab();
    const dropped: string[] = [];
    try {
      await test(lab, lab.open({ timeoutMs: TIMEOUT, maxMembers, onDropped: (ids) => void dropped.push(...ids) }), dropped);
    } finally {
      await lab.close();
    }
  };
  describe(`${name}: announcements`, () => announcementTests(withTable));
  describe(`${name}: pages`, () => pageTests(withTable));
  describe(`${name}: gossip`, () => gossipTests(withTable));
}

type WithTable = (test: Test, maxMembers?: number) => () => Promise<void>;

const idsOf = async (table: MemberTable, query: PageQuery = {}, pageMax = 100): Promise<string[]> => (await table.page(query, pageMax)).members.map(({ id }) => id);
const announceAll = async (table: MemberTable, ...ids: string[]): Promise<void> => { for (const id of ids) await table.announce({ id }); };

function announcementTests(withTable: WithTable): void {
  it('counts a member once and keeps its latest words', withTable(async (_lab, table) => {
    expect(await table.announce({ id: 'a', certificate: 'one', status: { cpuIdle: '4' } })).toEqual({ isNew: true, certificateChanged: false });
    expect(await table.announce({ id: 'a', certificate: 'one' })).toEqual({ isNew: false, certificateChanged: false });
    expect(await table.announce({ id: 'a', certificate: 'two', status: { memIdle: '9' } })).toEqual({ isNew: false, certificateChanged: true });
    const { members, total } = await table.page({}, 100);
    expect([members, total]).toEqual([[{ id: 'a', certificate: 'two', status: { memIdle: '9' }, quietForMs: expect.any(Number) as number }], 1]);
    expect(await table.announce({ id: 'a' })).toEqual({ isNew: false, certificateChanged: true });
    expect((await table.page({}, 100)).members[0]).toEqual({ id: 'a', quietForMs: expect.any(Number) as number });
  }));

  it('drops who was silent for too long, whichever call finds it, and tells', withTable(async (lab, table, dropped) => {
    await announceAll(table, 'a', 'b');
    await lab.advance(TIMEOUT - SLACK);
    await announceAll(table, 'b');
    expect(await idsOf(table)).toEqual(['a', 'b']);
    await lab.advance(2 * SLACK);
    expect([await idsOf(table), dropped]).toEqual([['b'], ['a']]);
    await lab.advance(TIMEOUT);
    await table.expire();
    expect(dropped).toEqual(['a', 'b']);
    expect(await table.announce({ id: 'a', certificate: 'anew' })).toEqual({ isNew: true, certificateChanged: false });
  }));

  it('has a limit, which does not stop those who are in it', withTable(async (lab, table) => {
    await announceAll(table, 'a', 'a');
    await expect(table.announce({ id: 'b' })).rejects.toMatchObject({ code: 'too-many-requests' });
    expect(await table.merge([{ id: 'a', quietForMs: 0 }, { id: 'b', quietForMs: 0 }], await table.now())).toMatchObject({ entered: 0, refused: 1 });
    await lab.advance(TIMEOUT + SLACK);
    await announceAll(table, 'b');
    expect(await idsOf(table)).toEqual(['b']);
  }, 1));

  it('counts silence', withTable(async (lab, table) => {
    await announceAll(table, 'a');
    await lab.advance(5000);
    const [member] = (await table.page({}, 100)).members;
    expect(member?.quietForMs).toBeGreaterThanOrEqual(5000);
    expect(member?.quietForMs).toBeLessThan(5000 + SLACK);
  }));
}

function pageTests(withTable: WithTable): void {
  it.each<[string, PageQuery, number, string[], number]>([
    ['the first page', {}, 2, ['a', 'b'], 0],
    ['everything', {}, 100, ['a', 'b', 'c', 'd'], 0],
    ['a small wish', { max: 1 }, 100, ['a'], 0],
    ['a large wish', { max: 1000 }, 3, ['a', 'b', 'c'], 0],
    ['what follows', { after: 'b' }, 100, ['c', 'd'], 2],
    ['some of what follows', { after: 'a', max: 2 }, 100, ['b', 'c'], 1],
    ['nothing after the last', { after: 'd' }, 100, [], 4],
    ['what stands before', { before: 'd', max: 2 }, 100, ['b', 'c'], 1],
    ['less before the second', { before: 'b', max: 2 }, 100, ['a'], 0],
    ['nothing before the first', { before: 'a' }, 100, [], 0],
    ['the last page', { before: '', max: 3 }, 100, ['b', 'c', 'd'], 1],
    ['from a position', { index: 2 }, 100, ['c', 'd'], 2],
    ['nothing, only the count', { max: 0 }, 100, [], 0],
  ])('lists %s', (_what, query, pageMax, ids, index) => withTable(async (_lab, table) => {
    await announceAll(table, 'c', 'a', 'd', 'b');
    const page = await table.page(query, pageMax);
    expect([page.members.map(({ id }) => id), page.total, page.index]).toEqual([ids, 4, index]);
  })());

  it.each<[string, PageQuery, string]>([
    ['after nobody', { after: 'x' }, 'not-found'],
    ['before nobody', { before: 'x', max: 0 }, 'not-found'],
    ['beyond the end', { index: 1 }, 'not-found'],
    ['in two places', { after: 'a', before: '' }, 'bad-syntax'],
  ])('knows no page %s', (_what, query, code) => withTable(async (_lab, table) => {
    await announceAll(table, 'a');
    await expect(table.page(query, 100)).rejects.toMatchObject({ code });
  })());

  it('lists nobody', withTable(async (_lab, table) => {
    expect(await table.page({}, 100)).toEqual({ members: [], total: 0, index: 0 });
    expect(await table.page({ before: '' }, 100)).toEqual({ members: [], total: 0, index: 0 });
  }));
}

function gossipTests(withTable: WithTable): void {
  const nothing = { entered: 0, refreshed: 0, refused: 0, certificatesChanged: [] };

  it('enters whom it did not know, with the silence of the neighbour and the own timeout', withTable(async (lab, table, dropped) => {
    const heard = [{ id: 'a', quietForMs: TIMEOUT / 2, timeoutMs: 10 * TIMEOUT, certificate: 'c', status: { cpuIdle: '1' } }];
    expect(await table.merge(heard, await table.now())).toEqual({ ...nothing, entered: 1 });
    const [member] = (await table.page({}, 100)).members;
    expect(member).toMatchObject({ id: 'a', certificate: 'c', status: { cpuIdle: '1' } });
    expect(member?.quietForMs).toBeGreaterThan(TIMEOUT / 2);
    await lab.advance(TIMEOUT / 2);
    await table.expire();
    expect(dropped).toEqual(['a']);
  }));

  it('does not take the dead over', withTable(async (_lab, table) => {
    expect(await table.merge([{ id: 'a', quietForMs: TIMEOUT }], await table.now())).toEqual(nothing);
    expect(await idsOf(table)).toEqual([]);
  }));

  it('takes the newer news, whole', withTable(async (lab, table) => {
    await table.announce({ id: 'a', certificate: 'old' });
    await table.announce({ id: 'b', certificate: 'kept' });
    await lab.advance(100_000);
    const heard = [{ id: 'a', quietForMs: 50_000, certificate: 'new' }, { id: 'b', quietForMs: 150_000, certificate: 'stale' }];
    expect(await table.merge(heard, await table.now())).toEqual({ ...nothing, refreshed: 1, certificatesChanged: ['a'] });
    expect((await table.page({}, 100)).members).toMatchObject([{ id: 'a', certificate: 'new' }, { id: 'b', certificate: 'kept' }]);
  }));

  it('counts silence from the moment of asking', withTable(async (_lab, table) => {
    await table.merge([{ id: 'a', quietForMs: 1000 }], await table.now() - 100_000);
    expect((await table.page({}, 100)).members[0]?.quietForMs).toBeGreaterThan(101_000);
  }));

  it('never becomes younger by its own news', withTable(async (_lab, table) => {
    await announceAll(table, 'a');
    const askedAt = await table.now();
    const { members } = await table.page({}, 100);
    expect(await table.merge(members, askedAt)).toEqual(nothing);
  }));

  it('believes nobody who was heard in the future', withTable(async (lab, table) => {
    await table.merge([{ id: 'a', quietForMs: 0 }], await table.now() + 10 * TIMEOUT);
    expect((await table.page({}, 100)).members[0]?.quietForMs).toBeLessThan(SLACK);
    await lab.advance(TIMEOUT + SLACK);
    expect(await idsOf(table)).toEqual([]);
  }));

  it('takes nothing', withTable(async (_lab, table) => expect(await table.merge([], 0)).toEqual(nothing)));
}
