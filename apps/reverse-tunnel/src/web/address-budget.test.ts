import { createAddressBudget } from './address-budget.js';

test('a minute’s worth at once, then at an even rate, for each address', () => {
  let now = 0;
  const budget = createAddressBudget({ perMinute: 60, clock: { uptime: () => now } });
  expect(Array.from({ length: 61 }, () => budget.take('a')).filter(Boolean)).toHaveLength(60);
  expect([budget.take('b'), budget.take('a')]).toEqual([true, false]);
  now += 1500;
  expect([budget.take('a'), budget.take('a')]).toEqual([true, false]);
  now += 3_600_000;
  expect([budget.take('a', 61), budget.take('a', 60), budget.take('a')]).toEqual([false, true, false]);
});

test('of more addresses than it remembers it forgets the quietest', () => {
  const budget = createAddressBudget({ perMinute: 1, clock: { uptime: () => 0 }, most: 2 });
  expect(['a', 'b', 'a', 'c', 'b', 'a'].map((address) => budget.take(address))).toEqual([true, true, false, true, true, true]);
});
