import type { CloudCall } from '@fogbow/plugin-contracts';
import { createExplainFaults } from './explain-faults.js';
import type { NovaServer } from './nova-server.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const call: CloudCall = { token: { value: '' }, signal: new AbortController().signal };
const failed = (id: string, updated = '2026-01-01T11:00:00Z'): NovaServer => ({ id, name: id, status: 'ERROR', updated });

function stage(reasons: Readonly<Record<string, string>>) {
  const [asked, clock] = [[] as string[], { now: NOW }];
  const explain = createExplainFaults({
    ask: (id) => {
      asked.push(id);
      return Promise.resolve({ ...failed(id), ...(reasons[id] === undefined ? {} : { fault: { message: reasons[id] } }) });
    },
    now: () => new Date(clock.now),
  });
  return { asked, clock, explain };
}

it('asks once for a reason, and remembers it', async () => {
  const { asked, explain } = stage({ a: 'No valid host was found.' });
  for (const _twice of [1, 2]) expect(await explain([failed('a')], call)).toMatchObject([{ fault: { message: 'No valid host was found.' } }]);
  expect(asked).toEqual(['a']);
});

it('asks for a few at a time, and again a minute later where there was no reason', async () => {
  const { asked, clock, explain } = stage({});
  const many = Array.from({ length: 25 }, (_, index) => failed(String(index)));
  const counts: number[] = [];
  for (const _list of [1, 2, 3, 4]) counts.push((await explain(many, call), asked.length));
  expect(counts).toEqual([10, 20, 25, 25]);
  clock.now += 60_000;
  await explain(many, call);
  expect(asked).toHaveLength(35);
});

it('goes on asking while the reason may still come', async () => {
  const { asked, explain } = stage({});
  for (const _twice of [1, 2]) await explain([failed('a', '2026-01-01T11:59:50Z')], call);
  expect(asked).toEqual(['a', 'a']);
});
