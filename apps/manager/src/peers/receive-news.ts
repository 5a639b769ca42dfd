import type { MemberId, OrderState } from '@fogbow/request-model';
import type { OrderNews } from '@fogbow/messaging';
import type { Explanation, OrderStore } from '../orders/order-store.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { LookAt } from './look-at.js';
import { isOrderId } from './serve-order.js';

export interface NewsOptions {
  readonly self: MemberId;
  readonly store: Pick<OrderStore, 'get' | 'explain'>;
  readonly lookAt: LookAt;
}

/** A provider's word about an order of ours: told to the owner while we wait for it, and a cause to look at the instance when it may be gone. It moves nothing. */
export function createReceiveNews({ self, store, lookAt }: NewsOptions): (from: MemberId, news: OrderNews) => Promise<void> {
  return async (from, news) => {
    const order = isOrderId(news.order.id) ? await store.get(news.order.id) : undefined;
    if (!order || order.requester !== self || order.provider !== from || order.incarnation !== news.order.attempt) return;
    const words = wordsAfter(order, from, news);
    if (words) await store.explain([words]);
    if (order.state !== 'pending' && news.state !== 'spawning' && news.state !== 'open') lookAt(order.id);
  };
}

const WAITING: readonly OrderState[] = ['pending', 'spawning'];
const LONGEST = 1000;

/** Pure: what the owner reads after the news; undefined where it says nothing new. */
export function wordsAfter(order: OrderRecord, from: MemberId, { state, reason }: OrderNews): Explanation | undefined {
  if (!WAITING.includes(order.state) || !reason || (state !== 'open' && state !== 'spawning')) return undefined;
  return { id: order.id, state: order.state, incarnation: order.incarnation, reason: `${from}: ${reason.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST)}` };
}
