import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { giveWay } from './give-way.js';

const fulfilled = { state: 'fulfilled', provider: SELF, instance: { id: 'i' } } as const;

test.each([
  ['a served order ends', makeOrder({ ...fulfilled, requester: PEER }), { events: ['lost'], patch: { failure: 'quota-exceeded', connected: false } }],
  ['a one-time order ends', makeOrder(fulfilled), { events: ['lost'] }],
  ['a persistent one wants another', makeOrder({ ...fulfilled, type: 'persistent', incarnation: 3 }), { events: ['lost-reopened'], patch: { incarnation: 4, provider: null, instance: null } }],
  ['a persistent one whose validity is over ends', makeOrder({ ...fulfilled, type: 'persistent', validUntil: NOW }), { events: ['lost'] }],
])('%s', (_name, order, move) => {
  expect(giveWay(order, 'we owe them more', NOW)).toMatchObject({ ...move, from: 'fulfilled', release: [SELF], reason: expect.stringMatching(/^it gave way to another order: we owe them more/) as unknown });
});
