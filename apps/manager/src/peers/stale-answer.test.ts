import { FogbowError } from '@fogbow/plugin-contracts';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { createReceiveAnswer } from './receive-answer.js';
import type { AnswerOptions } from './receive-answer.js';

const order = makeOrder({ state: 'pending', provider: PEER, incarnation: 2 });
const lost = { error: new FogbowError('not-found', 'its machine is gone') };

/** What an answer with the id from the member moves. */
async function movedBy(from: string, id: string): Promise<unknown[]> {
  const moves: unknown[] = [];
  const receive = createReceiveAnswer({
    self: SELF, retryMs: 1000, now: () => NOW, store: { get: (wanted: string) => Promise.resolve(wanted === order.id ? order : undefined) },
    moveOrders: (wanted: readonly unknown[]) => { moves.push(...wanted); return Promise.resolve(new Map()); },
    wakeUp: () => undefined, checkpoints: { reach: () => undefined }, log: console,
  } as unknown as AnswerOptions);
  await receive(from, id, lost);
  return moves;
}

test.each([
  ['the present attempt', PEER, `${order.id}.2`, 1],
  ['an original, which counts no attempts', PEER, order.id, 1],
  ['an earlier attempt', PEER, `${order.id}.1`, 0],
  ['an attempt that never was', PEER, `${order.id}.3`, 0],
  ['the present attempt, but from another member', 'manager.c.test', `${order.id}.2`, 0],
  ['no order', PEER, 'nonsense', 0],
])('an answer to %s', async (_name, from, id, count) => expect(await movedBy(from, id)).toHaveLength(count));
