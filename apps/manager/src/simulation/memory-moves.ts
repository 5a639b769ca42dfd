import type { Moved } from '../orders/apply-moves.js';
import { statesOf } from '../orders/order-move.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { addHistory, putOrder, putRelease } from './memory-tables.js';
import type { MemoryTables, StoredOrder } from './memory-tables.js';

/** What orders/apply-moves.ts does in one statement. */
export function applyMovesInMemory(tables: MemoryTables, moves: readonly OrderMove[]): Map<string, Moved> {
  const planned = moves.map((move) => ({ move, states: statesOf(move) }));
  const moved = new Map<string, Moved>();
  for (const { move, states } of planned) {
    const stored = tables.orders.get(move.id);
    if (!stored || !isAsSeen(stored.order, move)) continue;
    const after = movedOrder(tables, stored, move, states.at(-1) ?? move.from);
    putOrder(tables, after);
    const { requester, provider, connected } = after.order;
    move.events.forEach((event, index) => addHistory(tables, move.id, {
      at: new Date(tables.now()), from: index === 0 ? move.from : states[index - 1] ?? move.from, to: states[index] ?? move.from, event, reason: move.reason,
      incarnation: move.incarnation, requester, ...(provider === undefined ? {} : { provider }),
    }));
    for (const member of move.release ?? []) putRelease(tables, { orderId: move.id, kind: after.order.kind, incarnation: move.incarnation, member });
    moved.set(move.id, { requester, connected });
  }
  return moved;
}

const isAsSeen = (order: OrderRecord, { from, incarnation, attempts }: OrderMove): boolean =>
  order.state === from && order.incarnation === incarnation && (attempts === undefined || order.attempts === attempts);

function movedOrder(tables: MemoryTables, stored: StoredOrder, { patch = {}, reason }: OrderMove, to: OrderRecord['state']): StoredOrder {
  const { order } = stored;
  const now = tables.now();
  const { provider, instance, incarnation, failedBoots, refusals, explanation, connected, failure, nextAttemptInMs = 0 } = patch;
  const next = {
    ...order,
    state: to, stateSince: new Date(now), reason,
    attempts: to === 'open' ? 0 : order.attempts,
    incarnation: incarnation ?? order.incarnation,
    failedBoots: failedBoots ?? order.failedBoots,
    refusals: refusals ?? order.refusals,
    explanation: explanation ?? order.explanation,
    connected: connected ?? order.connected,
    ...(to === 'fulfilled' ? { fulfilledAt: new Date(now) } : {}),
    ...chosen('provider', provider), ...chosen('instance', instance), ...chosen('failure', failure),
  };
  return { ...stored, order: withoutCleared(next) as OrderRecord, leaseOwner: to === 'deleted' ? stored.leaseOwner : undefined, nextAttemptAt: now + nextAttemptInMs };
}

/** An absent key leaves the column, null clears it. */
const chosen = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: value });
const withoutCleared = (order: object): object => Object.fromEntries(Object.entries(order).filter(([, value]) => value !== null));
