import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { connectRedis } from '@fogbow/queues';
import { describeMemberTable } from '../testing/member-table-suite.js';
import type { TableLab } from '../testing/member-table-suite.js';
import { createMemoryMemberTable } from './memory-member-table.js';
import { createRedisMemberTable } from './redis-member-table.js';

jest.setTimeout(30_000);

const redis = connectRedis(process.env['TEST_REDIS_URL'] ?? '', 'worker', () => undefined);
afterAll(() => redis.disconnect());

const memoryLab = (): TableLab => {
  const time = { ms: 5_000_000_000 };
  return {
    open: (options) => createMemoryMemberTable({ ...options, clock: { uptime: () => time.ms } }),
    advance: async (ms) => { time.ms += ms; },
    close: async () => undefined,
  };
};

/** Redis's time cannot be moved; so what has happened is moved into the past. */
const redisLab = (prefix = `test-${randomUUID()}`): TableLab => {
  const seen = `{${prefix}:members}:seen`;
  return {
    open: (options) => createRedisMemberTable({ ...options, redis, prefix }),
    async advance(ms) {
      for (const id of await redis.zrange(seen, '0', '-1')) await redis.zadd(seen, Number(await redis.zscore(seen, id)) - ms, id);
    },
    async close() {
      const keys = await redis.keys(`{${prefix}:members}:*`);
      if (keys.length > 0) await redis.del(...keys);
    },
  };
};

describeMemberTable('memory', async () => memoryLab());
describeMemberTable('redis', async () => redisLab());

const options = { timeoutMs: 3_500_000, maxMembers: 6 };

describe('redis', () => {
  it('keeps the members of a process for the next', async () => {
    const lab = redisLab();
    await lab.open(options).announce({ id: 'a', certificate: 'c', status: { cpuIdle: '1' } });
    expect((await lab.open(options).page({}, 10)).members).toMatchObject([{ id: 'a', certificate: 'c', status: { cpuIdle: '1' } }]);
    await lab.close();
  });

  it('takes announcements of two processes at once, and no more members than there is room for', async () => {
    const lab = redisLab();
    const tables = [lab.open({ ...options, maxMembers: 20 }), lab.open({ ...options, maxMembers: 20 })];
    const announced = await Promise.allSettled(Array.from({ length: 60 }, (_, index) => tables[index % 2]?.announce({ id: `m${Math.floor(index / 2)}` })));
    expect(announced.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
    expect(await Promise.all(tables.map(async (table) => (await table.page({}, 100)).members.length))).toEqual([20, 20]);
    await lab.close();
  });

  it('leaves nothing of the dropped behind', async () => {
    const prefix = `test-${randomUUID()}`;
    const lab = redisLab(prefix);
    const table = lab.open(options);
    await table.announce({ id: 'a', certificate: 'c', status: { cpuIdle: '1' } });
    await lab.advance(options.timeoutMs + 1);
    await table.expire();
    expect(await redis.keys(`{${prefix}:members}:*`)).toEqual([]);
  });

  it('lets those who were seen in the future be silent from now on, when its clock was set back', async () => {
    const lab = redisLab();
    const table = lab.open(options);
    await table.announce({ id: 'a' });
    await lab.advance(-1_000_000_000);
    expect((await table.page({}, 10)).members[0]?.quietForMs).toBe(0);
    await lab.advance(options.timeoutMs + 1);
    expect((await table.page({}, 10)).total).toBe(0);
    await lab.close();
  });

  it('says that it is unavailable', async () => {
    const away = connectRedis('redis://127.0.0.1:1', 'producer', () => undefined);
    const table = createRedisMemberTable({ ...options, redis: away, prefix: 'x' });
    await expect(table.announce({ id: 'a' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(table.now()).rejects.toMatchObject({ code: 'unavailable' });
    away.disconnect();
  });
});

type Step = { id: string; certificate: string } & ({ what: 'announce' } | { what: 'hear'; quiet: number } | { what: 'wait'; thousands: number } | { what: 'page'; max: number; where: 'after' | 'before' });
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const certificate = fc.constantFrom('', 'one', 'two');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('announce' as const), id, certificate }),
  fc.record({ what: fc.constant('hear' as const), id, certificate, quiet: fc.nat(4) }),
  fc.record({ what: fc.constant('wait' as const), id, certificate, thousands: fc.nat(2) }),
  fc.record({ what: fc.constant('page' as const), id, certificate, max: fc.nat(3), where: fc.constantFrom('after' as const, 'before' as const) }),
);

/** What a table answers to every step. Times are so coarse that what passes while the test runs decides nothing. */
async function replay(lab: TableLab, steps: readonly Step[]): Promise<unknown[]> {
  const dropped: string[] = [];
  const table = lab.open({ ...options, onDropped: (ids) => void dropped.push(...ids) });
  const answers: unknown[] = [];
  for (const current of steps) {
    await lab.advance(7000);
    const facts = { id: current.id, ...(current.certificate ? { certificate: current.certificate } : {}) };
    const answer = async (): Promise<unknown> => {
      switch (current.what) {
        case 'announce': return await table.announce(facts);
        case 'hear': return await table.merge([{ ...facts, quietForMs: current.quiet * 1_000_000 }], await table.now());
        case 'wait': return await lab.advance(current.thousands * 1_000_000);
        case 'page': return await table.page({ max: current.max, [current.where]: current.id }, 5);
      }
    };
    answers.push(await answer().catch((error: { code: string }) => error.code));
  }
  const { members, ...rest } = await table.page({}, 100);
  await lab.close();
  // Who was dropped together is told in an order of the table's own.
  return [JSON.parse(JSON.stringify(answers, (key, value: unknown) => (key === 'quietForMs' ? undefined : value))), members.map(({ quietForMs: _, ...facts }) => facts), rest, dropped.sort()];
}

it('both tables answer alike, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    expect(await replay(redisLab(), steps)).toEqual(await replay(memoryLab(), steps));
  }), { numRuns: 60 });
});
