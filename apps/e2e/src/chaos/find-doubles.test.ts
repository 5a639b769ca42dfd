import { watchDoubles } from './find-doubles.js';

const machines = (...tokens: string[]) => tokens.map((clientToken) => ({ orderId: clientToken.split('-')[0] as string, clientToken }));

test('one machine of each order is as it must be', () => {
  const watch = watchDoubles(10_000);
  for (const now of [0, 60_000]) watch.look(machines('a-1', 'b-1'), now);
  expect(watch.found).toEqual([]);
});

test('one incarnation twice is a double at once', () => {
  const watch = watchDoubles(10_000);
  watch.look(machines('a-1', 'a-1', 'b-1'), 0);
  watch.look([], 1);
  expect(watch.found).toEqual(['order a has 2 machines: a-1, a-1']);
});

test('two incarnations may be there for a while, each time anew', () => {
  const watch = watchDoubles(10_000);
  for (const [now, ...tokens] of [[0, 'a-1', 'a-2'], [9000, 'a-1', 'a-2'], [9500, 'a-2'], [12_000, 'a-2', 'a-3'], [14_000], [20_000, 'a-3', 'a-4'], [30_000, 'a-3', 'a-4']] as const) watch.look(machines(...tokens), now);
  expect(watch.found).toEqual([]);
  watch.look(machines('a-3', 'a-4'), 30_001);
  expect(watch.found).toEqual(['order a has 2 machines for 10 s: a-3, a-4']);
});
