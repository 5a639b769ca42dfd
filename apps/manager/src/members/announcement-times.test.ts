import { announceEvery, mustAnnounce } from './announcement-times.js';
import type { AnnouncementFacts } from './announcement-times.js';

it.each([[undefined, 30_000], [180_000, 180_000], [5000, 5000], [0, 1000], [1e15, 3_600_000]])('told %s, it announces every %i ms', (told, every) => {
  expect(announceEvery(told, 30_000)).toBe(every);
});

const facts: AnnouncementFacts = { sinceMs: 60_000, everyMs: 180_000, nextLookMs: 30_000, wasListed: true };
it.each<[string, Partial<AnnouncementFacts>, boolean]>([
  ['in the middle of the period', {}, false],
  ['at the last look in time', { sinceMs: 150_001 }, true],
  ['just before it', { sinceMs: 150_000 }, false],
  ['at the very first', { sinceMs: undefined }, true],
  ['when the list did not name us', { wasListed: false }, true],
  ['at every look when the period is ours', { sinceMs: 29_990, everyMs: 30_000 }, true],
  ['at every look when the period is shorter than ours', { sinceMs: 5000, everyMs: 5000 }, true],
])('%s', (_what, change, announces) => expect(mustAnnounce({ ...facts, ...change })).toBe(announces));
