import { once, EventEmitter } from 'node:events';
import { AnswerError } from '../api-client.js';
import type { OrderView } from '../api-client.js';
import { startOrders } from './steady-orders.js';
import type { OrdersOptions, SteadyOrders } from './steady-orders.js';

/** An API that a test bends; `called` tells every call. */
function place(bend: Partial<ReturnType<OrdersOptions['api']>>, more: Partial<OrdersOptions> = {}): { orders: SteadyOrders; called: EventEmitter } {
  const called = new EventEmitter();
  const there = new Set<string>();
  const heard = <Value>(name: string, value: Value): Value => { setImmediate(() => called.emit(name)); return value; };
  const api = {
    submit: () => { there.add('o'); return heard('submit', Promise.resolve(['o'])); },
    show: () => heard('show', Promise.resolve(there.has('o') ? { id: 'o', state: 'fulfilled' } as OrderView : undefined)),
    remove: () => { there.delete('o'); return heard('remove', Promise.resolve()); },
    ...Object.fromEntries(Object.entries(bend).map(([name, call]) => [name, (...words: never[]) => heard(name, (call as (...given: never[]) => unknown)(...words))])),
  } as ReturnType<OrdersOptions['api']>;
  return { called, orders: startOrders({ api: () => api, publicKey: 'k', everyMs: 5, most: 1, next: () => 0.5, patienceMs: 5000, keptMs: { least: 0, most: 2 }, lookMs: 4, ...more }) };
}

const busy = (): Promise<never> => Promise.reject(new AnswerError('come again', 503));

test('an order is made, is ready, and is deleted', async () => {
  const { orders, called } = place({});
  await once(called, 'remove');
  await orders.stop();
  expect(orders.faults).toEqual([]);
  expect(orders.accepted.get('o')).toEqual({ orderedAt: expect.any(Number), readyAt: expect.any(Number), deleteSentAt: expect.any(Number), deletedAt: expect.any(Number) });
});

test('what is not answered is asked again', async () => {
  let tries = 0;
  const { orders, called } = place({ submit: () => ((tries += 1) < 3 ? busy() : Promise.resolve(['o'])), show: () => Promise.resolve({ id: 'o', state: 'open' } as OrderView) });
  await once(called, 'show');
  await orders.stop();
  expect([orders.retries, orders.faults]).toEqual([2, []]);
});

test.each([400, 401, 403, 409])('what is refused with %i is not', async (status) => {
  const { orders, called } = place({ submit: () => Promise.reject(new AnswerError(`answered ${status}`, status)) });
  await once(called, 'submit');
  await orders.stop();
  expect([orders.retries, orders.faults[0], orders.accepted.size]).toEqual([0, `an order: answered ${status}`, 0]);
});

test('patience has an end, also after the stop', async () => {
  const { orders, called } = place({ submit: busy }, { patienceMs: 20 });
  await once(called, 'submit');
  await orders.stop();
  expect(orders.faults).toEqual(['an order was not answered in 0.02 s, the last time: come again']);
});

test('an order that vanishes before it was deleted is lost', async () => {
  const { orders, called } = place({ show: () => Promise.resolve(undefined) });
  await once(called, 'show');
  await orders.stop();
  expect(orders.faults[0]).toBe('a look at order o: it has vanished before anybody deleted it');
});

test('a deletion that did its work without an answer is one', async () => {
  let [isThere, sent] = [true, 0];
  const { orders, called } = place({ show: () => Promise.resolve(isThere ? { id: 'o', state: 'fulfilled' } as OrderView : undefined), remove: () => { sent += 1; isThere = false; return busy(); } });
  await once(called, 'remove');
  await orders.stop();
  expect([orders.faults, sent, orders.accepted.get('o')?.deletedAt]).toEqual([[], 1, expect.any(Number)]);
});
