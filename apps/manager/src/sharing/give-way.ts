import type { OrderMove } from '../orders/order-move.js';
import { moveBy, reopened } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';

/**
 * Pure: the machine of a fulfilled order goes to make room for another order. It counts as gone (spec §2.1 "preempted"): a persistent order of our own wants another,
 * any other ends, and the member that placed it hears why. The decision and what speaks for it: docs/adr/0014.
 */
export function giveWay(order: OrderRecord, why: string, now: Date): OrderMove {
  const reason = `it gave way to another order: ${why}`;
  const release = order.provider ? [order.provider] : [];
  const over = order.validUntil !== undefined && order.validUntil <= now;
  if (order.type === 'one-time' || over) return moveBy(order, 'lost', reason, { patch: { connected: false, failure: 'quota-exceeded' }, release });
  return moveBy(order, 'lost-reopened', `${reason}; another is ordered`, { patch: reopened(order, { failure: 'quota-exceeded' }), release });
}
