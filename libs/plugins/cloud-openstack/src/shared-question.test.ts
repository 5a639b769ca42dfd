import { createSharedQuestion } from './shared-question.js';

const { signal } = new AbortController();
const later = <Value>(): { promise: Promise<Value>; resolve(value: Value): void; reject(error: Error): void } => {
  let [resolve, reject] = [(_value: Value): void => undefined, (_error: Error): void => undefined];
  const promise = new Promise<Value>((yes, no) => { [resolve, reject] = [yes, no]; });
  return { promise, resolve, reject };
};

it('asks once for all who ask meanwhile, and again for who comes later', async () => {
  const share = createSharedQuestion<number>();
  const answer = later<number>();
  const ask = jest.fn(() => answer.promise);
  const all = [1, 2, 3].map(() => share('a', signal, ask));
  const other = share('b', signal, () => Promise.resolve(9));
  answer.resolve(1);
  expect(await Promise.all([...all, other])).toEqual([1, 1, 1, 9]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(await share('a', signal, () => Promise.resolve(2))).toBe(2);
});

it('asks for itself when the first one fails, and ends with its own signal', async () => {
  const share = createSharedQuestion<number>();
  const answer = later<number>();
  const first = share('a', signal, () => answer.promise);
  const second = share('a', signal, () => Promise.resolve(2));
  const own = new AbortController();
  const third = share('a', own.signal, () => Promise.resolve(3));
  own.abort();
  await expect(third).rejects.toMatchObject({ code: 'cloud-unavailable' });
  answer.reject(new Error('its time was over'));
  await expect(first).rejects.toThrow('its time was over');
  expect(await second).toBe(2);
});
