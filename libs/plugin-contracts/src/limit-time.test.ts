import { getEventListeners, once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limitTime } from './limit-time.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const never = new AbortController().signal;

/** Garbage is collected all the while, as in a process that is busy. */
async function amidGarbage<Result>(work: Promise<Result>): Promise<Result> {
  const collecting = setInterval(collectGarbage, 20);
  return await work.finally(() => clearInterval(collecting));
}

test('the time is over though garbage was collected meanwhile', async () => {
  const signal = limitTime(never, 150);
  await amidGarbage(once(signal, 'abort'));
  expect((signal.reason as Error).name).toBe('TimeoutError');
});

test('a limit upon a limit holds too, the sooner of both', async () => {
  const signal = limitTime(limitTime(never, 150), 60_000);
  await amidGarbage(once(signal, 'abort'));
  expect(signal.aborted).toBe(true);
});

test('the signal itself comes first where it is sooner, and at once where it is over', () => {
  const given = new AbortController();
  const signal = limitTime(given.signal, 60_000);
  expect(signal.aborted).toBe(false);
  given.abort(new Error('given up'));
  expect((signal.reason as Error).message).toBe('given up');
  expect(limitTime(given.signal, 60_000).aborted).toBe(true);
});

test('a signal that lives long remembers none of those that were made of it and are over', async () => {
  const longLived = new AbortController();
  await Promise.all(Array.from({ length: 50 }, () => once(limitTime(longLived.signal, 5), 'abort')));
  expect(getEventListeners(longLived.signal, 'abort')).toHaveLength(0);
});
