import { planRetry } from './plan-retry.js';
import type { Tried } from './plan-retry.js';

const now = new Date('2026-01-01T00:00:00Z');
it.each<[string, Partial<Tried>, number | undefined]>([
  ['a success stands', { status: 200 }, undefined],
  ['a refusal stands', { status: 400 }, undefined],
  ['a busy service is asked again', { status: 503 }, 250],
  ['later and later', { status: 503, attempt: 3 }, 1000],
  ['at most four times', { status: 503, attempt: 4 }, undefined],
  ['after the seconds it says', { status: 429, retryAfter: '7' }, 7000],
  ['after the date it says', { status: 503, retryAfter: 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5000],
  ['at once where that is over', { status: 503, retryAfter: 'Wed, 31 Dec 2025 00:00:05 GMT' }, 0],
  ['not later than in half a minute', { status: 503, retryAfter: '9999' }, 30_000],
  ['after its own pause where that is nonsense', { status: 503, retryAfter: 'soon' }, 250],
  ['a create that was not begun is sent again', { method: 'POST', status: 503 }, 250],
  ['a create that broke off is not', { method: 'POST', status: 500 }, undefined],
  ['a create without an answer is not', { method: 'POST' }, undefined],
  ['a question without an answer is sent again', {}, 250],
  ['but not where it took too long', { timedOut: true }, undefined],
])('%s', (_name, tried, expected) => {
  expect(planRetry({ method: 'GET', attempt: 1, now, ...tried })).toBe(expected);
});
