import type { MemberId, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { HistoryEntry, OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An order of the given user; what is not theirs does not exist for them. */
export async function findOwnOrder(options: { readonly self: MemberId; readonly store: OrderStore }, owner: UserRef, orderId: string): Promise<OrderRecord> {
  const order = UUID.test(orderId) ? await options.store.get(orderId) : undefined;
  if (!order || order.requester !== options.self || order.owner.id !== owner.id) throw new FogbowError('not-found', 'Resource not found.');
  return order;
}

export type ShowOrder = (owner: UserRef, orderId: string) => Promise<{ readonly order: OrderRecord; readonly history: readonly HistoryEntry[] }>;

/** Use case: one order with its whole history. */
export function createShowOrder(options: { readonly self: MemberId; readonly store: OrderStore }): ShowOrder {
  return async (owner, orderId) => {
    const order = await findOwnOrder(options, owner, orderId);
    return { order, history: await options.store.history(order.id) };
  };
}
