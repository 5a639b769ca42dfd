import { FogbowError } from '@fogbow/plugin-contracts';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { createCheckLost } from './check-lost.js';
import { createLookAt } from './look-at.js';
import { createReceiveNews } from './receive-news.js';

const order = makeOrder({ state: 'fulfilled', provider: PEER, instance: { id: 'vm' } });

function labOf() {
  const looks: string[] = [];
  const time = { ms: 0 };
  return { looks, time, lookAt: createLookAt({ wakeUp: (_duty, payload) => void looks.push(...(payload as { orderIds: string[] }).orderIds), clock: { uptime: () => time.ms } }) };
}

test('an order is looked at once a second, each for itself', () => {
  const { looks, time, lookAt } = labOf();
  for (const ms of [0, 500, 999, 1000, 1500]) {
    time.ms = ms;
    lookAt('a');
    if (ms < 999) lookAt('b');
  }
  expect(looks).toEqual(['a', 'b', 'a']);
});

test('a provider that tells the same again and again does not fill the queue', async () => {
  const { looks, lookAt } = labOf();
  const news = createReceiveNews({ self: SELF, store: { get: () => Promise.resolve(order), explain: () => Promise.resolve() }, lookAt });
  for (let times = 0; times < 100; times += 1) await news(PEER, { order: { id: order.id, attempt: 1 }, state: 'closed' });
  expect(looks).toEqual([order.id]);
});

test('a provider that says again and again that an instance is gone is asked once at a time', async () => {
  const { looks, lookAt } = labOf();
  let [asked, answer] = [0, (): void => undefined];
  const answered = new Promise<void>((resolve) => { answer = resolve; });
  const checkLost = createCheckLost({
    remote: { describe: async () => { asked += 1; await answered; return new Map([[order.id, { kind: 'unknown', reason: 'timeout' }]]); } },
    moveOrders: () => Promise.reject(new FogbowError('internal', 'nothing moves')), lookAt, policy: {} as never, timeoutMs: 1000, clock: { now: () => NOW },
  });
  const checks = Array.from({ length: 100 }, () => checkLost(order, 'gone'));
  answer();
  await Promise.all(checks);
  expect([asked, looks]).toEqual([1, [order.id]]);
  await checkLost(order, 'gone');
  expect(asked).toBe(2);
});
