import { needsOf } from '@fogbow/request-model';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';

/** The orders that the given ones need, by their ids, as they are now; one that is gone is absent. */
export type Needs = ReadonlyMap<string, OrderRecord>;

export async function loadNeeds(store: Pick<OrderStore, 'getMany'>, orders: readonly Pick<OrderRecord, 'spec'>[]): Promise<Needs> {
  const ids = new Set(orders.flatMap(({ spec }) => needsOf(spec)));
  return new Map((await store.getMany([...ids])).map((order) => [order.id, order]));
}
