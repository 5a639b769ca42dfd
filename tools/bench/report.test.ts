import { holds, median, printTable } from './report.js';

const row = { what: 'orders', ours: 1234.5, peer: 0.25, unit: '1/s', ratio: 0.3, goal: 0.25 };

it('prints a Markdown table with a verdict on each goal', () => {
  expect(printTable([row, { ...row, what: 'login', ratio: 0.2 }]).split('\n')).toEqual([
    '| what   | ours | peer | unit | ratio | goal | holds |',
    '|--------|-----:|-----:|------|------:|-----:|-------|',
    '| orders | 1235 | 0.25 | 1/s  |   0.3 | 0.25 | yes   |',
    '| login  | 1235 | 0.25 | 1/s  |   0.2 | 0.25 | NO    |',
  ]);
});

it('holds at the goal itself', () => expect(holds({ ...row, ratio: 0.25 })).toBe(true));

it.each([[[3, 1, 2], 2], [[4, 1, 2, 3], 2.5]])('takes the median of %j', (values, expected) => expect(median(values)).toBe(expected));
