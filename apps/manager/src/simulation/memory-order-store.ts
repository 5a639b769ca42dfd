import type { OrderState } from '@fogbow/request-model';
import { needsOf } from '@fogbow/request-model';
import type { NewOrder } from '../orders/insert-orders.js';
import type { OrderRecord } from '../orders/order-record.js';
import { refuseWhileNeeded } from '../orders/move-unless-needed.js';
import type { OrderStore } from '../orders/order-store.js';
import type { ListFilter } from '../orders/select-orders.js';
import { applyMovesInMemory } from './memory-moves.js';
import { addHistory, byId, putOrder } from './memory-tables.js';
import type { MemoryTables } from './memory-tables.js';

const LIVING: readonly OrderState[] = ['open', 'pending', 'spawning', 'fulfilled'];

export function createMemoryOrderStore(tables: MemoryTables): OrderStore {
  const all = (): OrderRecord[] => [...tables.orders.values()].map(({ order }) => order);
  return {
    insert: async (orders) => orders.forEach((order) => insertOrder(tables, order)),
    move: async (moves) => applyMovesInMemory(tables, moves),
    async moveUnlessNeeded(move, kind) {
      refuseWhileNeeded(kind, usersOf(tables, move.id));
      return applyMovesInMemory(tables, [move]);
    },
    get: async (id) => tables.orders.get(id)?.order,
    getMany: async (ids) => [...new Set(ids)].flatMap((id) => tables.orders.get(id)?.order ?? []),
    list: async (filter) => listOrders(all(), filter),
    inStates: async (states, after, limit, except) => all().filter(({ id, state, requester }) => states.includes(state) && id > after && requester !== except).sort(byId).slice(0, limit),
    history: async (orderId) => (tables.history.get(orderId) ?? []).map(({ requester: _requester, ...entry }) => entry),
    async explain(words) {
      for (const { id, state, incarnation, reason } of words) {
        const stored = tables.orders.get(id);
        if (stored?.order.state === state && stored.order.incarnation === incarnation) putOrder(tables, { ...stored, order: { ...stored.order, reason } });
      }
    },
    async tellServices(told) {
      for (const { id, incarnation, ...places } of told) {
        const stored = tables.orders.get(id);
        const instance = stored?.order.incarnation === incarnation ? stored.order.instance : undefined;
        if (stored && instance) putOrder(tables, { ...stored, order: { ...stored.order, instance: { ...instance, ...places } } });
      }
    },
    async wakeNeeding(orderIds) {
      const waiting = [...tables.orders.values()].filter(({ order, needs, leaseOwner }) => order.state === 'open' && leaseOwner === undefined && needs.some((id) => orderIds.includes(id)));
      for (const stored of waiting) putOrder(tables, { ...stored, nextAttemptAt: tables.now() });
      return waiting.length;
    },
  };
}

function insertOrder(tables: MemoryTables, wanted: NewOrder): void {
  const { id, batchId, kind, type, owner, requester, incarnation, spec, validFrom, validUntil, notBeforeMs = 0 } = wanted;
  const account = JSON.stringify([requester, owner.id, kind, spec.flavor, spec.requirements, spec.sizeGb]);
  if (tables.orders.has(id) || (tables.accounts.get(id) ?? account) !== account) return;
  tables.accounts.set(id, account);
  const now = new Date(tables.now());
  putOrder(tables, {
    needs: needsOf(spec), nextAttemptAt: tables.now() + notBeforeMs,
    order: {
      id, batchId, kind, type, state: 'open', owner, requester, incarnation, spec, createdAt: now, stateSince: now, failedBoots: 0, attempts: 0, refusals: {},
      explanation: [], connected: false, reason: notBeforeMs > 0 ? 'its validity has not begun' : 'waiting to be placed',
      ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
    },
  });
  addHistory(tables, id, { at: now, to: 'open', event: 'submitted', incarnation, requester });
}

const usersOf = (tables: MemoryTables, orderId: string): OrderRecord[] =>
  [...tables.orders.values()].filter(({ order, needs }) => needs.includes(orderId) && LIVING.includes(order.state)).map(({ order }) => order).sort(byId);

function listOrders(orders: readonly OrderRecord[], filter: ListFilter): OrderRecord[] {
  const direction = filter.oldestFirst ? 1 : -1;
  const compare = (left: Pick<OrderRecord, 'createdAt' | 'id'>, right: Pick<OrderRecord, 'createdAt' | 'id'>): number =>
    direction * (left.createdAt.getTime() - right.createdAt.getTime() || byId(left, right));
  const { after } = filter;
  return orders.filter((order) => order.requester === filter.requester && order.owner.id === filter.ownerId
    && (!filter.states || filter.states.includes(order.state)) && (!filter.batchId || order.batchId === filter.batchId)
    && (!filter.kind || order.kind === filter.kind) && (!filter.type || order.type === filter.type)
    && (!filter.provider || order.provider === filter.provider) && (!after || compare(order, after) > 0)).sort(compare).slice(0, filter.limit);
}
