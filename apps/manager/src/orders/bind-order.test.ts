import fc from 'fast-check';
import type { OrderState } from '@fogbow/request-model';
import { makeOrder, PEER, SELF } from '../testing/make-order.js';
import { bindOrder, usesOf } from './bind-order.js';
import type { OrderRecord } from './order-record.js';

const machine = (changes: Partial<OrderRecord> = {}): OrderRecord => makeOrder({ id: 'm', kind: 'compute', state: 'fulfilled', provider: SELF, instance: { id: 'i-m' }, ...changes });
const volume = (changes: Partial<OrderRecord> = {}): OrderRecord => makeOrder({ id: 'v', kind: 'storage', state: 'fulfilled', provider: SELF, instance: { id: 'i-v' }, ...changes });
const link = makeOrder({ kind: 'attachment', spec: { attachment: { computeOrderId: 'm', volumeOrderId: 'v' } } });
const bind = (...orders: OrderRecord[]) => bindOrder(link, new Map(orders.map((order) => [order.id, order])));

interface Some { readonly state: OrderState; readonly provider: string; readonly hasInstance: boolean }
function withSome(make: (changes: Partial<OrderRecord>) => OrderRecord, { hasInstance, ...rest }: Some): OrderRecord {
  const { instance, ...order } = make(rest);
  return hasInstance && instance ? { ...order, instance } : order;
}

describe('where an order can live that needs others', () => {
  test('anywhere when it needs none', () => expect(bindOrder(makeOrder(), new Map())).toEqual({ kind: 'free' }));
  test('where they are', () => expect(bind(machine({ provider: PEER }), volume({ provider: PEER }))).toMatchObject({ kind: 'at', member: PEER, uses: new Map([['m', 'i-m'], ['v', 'i-v']]) }));
  test.each<[string, OrderRecord[], string, string]>([
    ['one is on its way', [machine(), volume({ state: 'spawning' })], 'wait', 'it waits for volume v'],
    ['one waits for room', [machine({ state: 'open' }), volume()], 'wait', 'it waits for machine m'],
    ['one is gone', [machine()], 'never', 'what it needs is gone: order v'],
    ['one is being deleted', [machine({ state: 'deleted' }), volume()], 'never', 'what it needs is gone: machine m'],
    ['one is somebody else’s', [machine(), volume({ owner: { id: 'mallory', name: 'Mallory' } })], 'never', 'what it needs is gone: volume v'],
    ['one came from another member', [machine(), volume({ requester: PEER })], 'never', 'what it needs is gone: volume v'],
    ['they are at different members', [machine(), volume({ provider: PEER })], 'never', `what it needs is at different members (${SELF}, ${PEER}), and only things of one cloud can be joined`],
  ])('not yet or never while %s', (_name, orders, kind, reason) => expect(bind(...orders)).toMatchObject({ kind, reason }));

  test('is one member, or nowhere, whatever the others do', () => {
    const state = fc.constantFrom<OrderState>('open', 'pending', 'spawning', 'fulfilled', 'deleted', 'closed', 'failed');
    const some = fc.record({ state, provider: fc.constantFrom(SELF, PEER), hasInstance: fc.boolean() });
    fc.assert(fc.property(some, some, (left, right) => {
      const [one, other] = [withSome(machine, left), withSome(volume, right)];
      const binding = bind(one, other);
      const isReady = [one, other].every(({ state: now, instance }) => now === 'fulfilled' && instance !== undefined);
      expect(binding.kind === 'at').toBe(isReady && one.provider === other.provider);
      expect(usesOf(link, new Map([['m', one], ['v', other]])).size).toBe(binding.kind === 'at' ? 2 : 0);
    }));
  });
});
