import { makeOrder } from '../testing/make-order.js';
import { createDeleteOrders } from './delete-orders.js';
import type { DeleteOptions } from './delete-order.js';

test('all go, page by page, several at a time and never more than a few', async () => {
  const left = Array.from({ length: 403 }, (_, index) => makeOrder({ id: `order${index}` }));
  const purged: string[] = [];
  let [deleting, most] = [0, 0];
  const removeAll = createDeleteOrders({
    self: 'a', wakeUp: () => undefined, checkpoints: { reach: () => undefined }, releases: {} as DeleteOptions['releases'],
    purge: (id) => Promise.resolve(void purged.push(id)),
    store: {
      list: ({ limit, after }) => Promise.resolve(left.slice(after ? left.findIndex(({ id }) => id === after.id) + 1 : 0).slice(0, limit)),
      move: async (moves) => {
        deleting += 1;
        most = Math.max(most, deleting);
        await new Promise(setImmediate);
        deleting -= 1;
        return new Map(moves.map(({ id }) => [id, { requester: 'a', connected: false }]));
      },
    } as Pick<DeleteOptions['store'], 'list' | 'move'> as DeleteOptions['store'],
  });
  expect(await removeAll({ id: 'alice', name: 'alice' })).toBe(403);
  expect(new Set(purged)).toEqual(new Set(left.map(({ id }) => id)));
  expect(most).toBe(5);
});
