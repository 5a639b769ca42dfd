import type { OrderState } from '@fogbow/request-model';
import { makeOrder } from '../testing/make-order.js';
import { createWaitForOrders } from './wait-for-orders.js';

/** Each look finds the next of these; an order without a state is gone. */
function waitOver(looks: readonly Readonly<Record<string, OrderState>>[], abort?: AbortController) {
  let [now, look] = [0, 0];
  const asked: (readonly string[])[] = [];
  const wait = createWaitForOrders({
    store: { getMany: (ids) => {
      asked.push(ids);
      const states = looks[Math.min(look++, looks.length - 1)] ?? {};
      return Promise.resolve(ids.flatMap((id) => { const state = states[id]; return state ? [makeOrder({ id, state })] : []; }));
    } },
    clock: { now: () => new Date(now), uptime: () => now, sleep: (ms) => { now += ms; if (now >= 300) abort?.abort(); return Promise.resolve(); } },
  });
  return { wait, asked, elapsed: () => now };
}

test('it ends when the last order is settled, and asks only for those that are not', async () => {
  const { wait, asked } = waitOver([{ a: 'open', b: 'open' }, { a: 'fulfilled', b: 'spawning' }, { b: 'failed' }]);
  expect(Object.fromEntries(await wait(['a', 'b'], 60_000, new AbortController().signal))).toEqual({ a: 'fulfilled', b: 'failed' });
  expect(asked).toEqual([['a', 'b'], ['a', 'b'], ['b']]);
});

test('an order that is gone is settled', async () => {
  const { wait } = waitOver([{ a: 'open' }, {}]);
  expect(await wait(['a'], 60_000, new AbortController().signal)).toEqual(new Map([['a', 'open']]));
});

test('it ends with its limit, and with the signal', async () => {
  const limited = waitOver([{ a: 'open' }]);
  await limited.wait(['a'], 1000, new AbortController().signal);
  expect(limited.elapsed()).toBe(1000);
  const abort = new AbortController();
  const aborted = waitOver([{ a: 'open' }], abort);
  await aborted.wait(['a'], 60_000, abort.signal);
  expect(aborted.elapsed()).toBe(300);
});

test('however many wait, the store is asked by one at a time and for all of them at once', async () => {
  let [asking, most, asked] = [0, 0, 0];
  const wait = createWaitForOrders({
    clock: { now: () => new Date(0), uptime: () => 0, sleep: () => Promise.resolve() },
    store: { getMany: async (ids) => {
      [asking, asked] = [asking + 1, asked + 1];
      most = Math.max(most, asking);
      await Promise.resolve();
      asking -= 1;
      return ids.map((id) => makeOrder({ id, state: 'fulfilled' }));
    } },
  });
  const all = await Promise.all(Array.from({ length: 200 }, (_, index) => wait([`own${index}`, 'shared'], 1000, new AbortController().signal)));
  expect([most, asked]).toEqual([1, 2]);
  all.forEach((states, index) => expect([...states.keys()]).toEqual([`own${index}`, 'shared']));
});

test('a database that is away for a moment ends no wait; any other fault does', async () => {
  const failing = (error: Error) => {
    let looks = 0;
    return createWaitForOrders({
      clock: { now: () => new Date(0), uptime: () => 0, sleep: () => Promise.resolve() },
      store: { getMany: (ids) => ((looks += 1) === 1 ? Promise.reject(error) : Promise.resolve(ids.map((id) => makeOrder({ id, state: 'fulfilled' })))) },
    })(['a'], 1000, new AbortController().signal);
  };
  expect(await failing(new Error('Connection terminated unexpectedly'))).toEqual(new Map([['a', 'fulfilled']]));
  await expect(failing(new Error('a fault'))).rejects.toThrow('a fault');
});
