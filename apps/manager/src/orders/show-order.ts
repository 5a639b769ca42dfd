import type { MemberId, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';
import type { OrderViews, OrderWithHistory } from './order-views.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An order of the given user; what is not theirs does not exist for them. */
export async function findOwnOrder(options: { readonly self: MemberId; readonly store: OrderStore }, owner: UserRef, orderId: string): Promise<OrderRecord> {
  const order = UUID.test(orderId) ? await options.store.get(orderId) : undefined;
  if (!order || order.requester !== options.self || order.owner.id !== owner.id) throw notFound();
  return order;
}

export type ShowOrder = (owner: UserRef, orderId: string) => Promise<OrderWithHistory>;

/** Use case: one order with its whole history. */
export function createShowOrder({ self, views }: { readonly self: MemberId; readonly views: Pick<OrderViews, 'show'> }): ShowOrder {
  return async (owner, orderId) => {
    const shown = UUID.test(orderId) ? await views.show({ requester: self, ownerId: owner.id }, orderId) : undefined;
    if (!shown) throw notFound();
    return shown;
  };
}

const notFound = (): FogbowError => new FogbowError('not-found', 'Resource not found.');
