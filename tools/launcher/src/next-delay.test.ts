import { nextDelay } from './next-delay.js';

it.each([
  ['the first death', 0, 5, 1000], ['the second in a row', 1, 5, 2000], ['the fifth', 4, 5, 16_000],
  ['a long row', 12, 5, 30_000], ['a death after a steady minute', 12, 60_000, 1000],
])('%s waits as long as it should', (_, failures, livedMs, delayMs) => {
  expect(nextDelay(failures, livedMs).delayMs).toBe(delayMs);
});
