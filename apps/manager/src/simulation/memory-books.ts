import type { MemberStore } from '../members/member-store.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { ServedBooks } from '../peers/served-books.js';
import { byId } from './memory-tables.js';
import type { MemoryTables } from './memory-tables.js';

export function createMemoryServedBooks(tables: MemoryTables): ServedBooks {
  const keyOf = (requester: string, orderId: string): string => `${requester} ${orderId}`;
  return {
    async rememberRemoved(requester, orderId, attempt) {
      const key = keyOf(requester, orderId);
      tables.removed.set(key, Math.max(attempt, tables.removed.get(key) ?? attempt));
    },
    wasRemoved: async (requester, orderId, attempt) => (tables.removed.get(keyOf(requester, orderId)) ?? -1) >= attempt,
    async orderOfInstance(requester, instanceId, kind) {
      const found = [...tables.orders.values()].map(({ order }) => order)
        .filter((order) => order.requester === requester && order.instance?.id === instanceId && (!kind || order.kind === kind));
      const rank = ({ state, kind: is }: OrderRecord): number => (state === 'deleted' ? 2 : 0) + (is === 'compute' ? 0 : 1);
      return found.sort((left, right) => rank(left) - rank(right))[0]?.id;
    },
  };
}

export function createMemoryMemberStore(tables: MemoryTables): MemberStore {
  const isAliveWithin = (lifeMs: number) => (id: string): boolean => (tables.members.get(id)?.at ?? -Infinity) > tables.now() - lifeMs;
  return {
    async remember(named, lifeMs) {
      const newcomers = named.map(({ id }) => id).filter((id) => !isAliveWithin(lifeMs)(id));
      for (const { id, room } of named) tables.members.set(id, { at: tables.now(), room });
      return newcomers;
    },
    async silence() {
      const last = Math.max(...[...tables.members.values()].map(({ at }) => at));
      return new Map([...tables.members].map(([id, { at }]) => [id, last - at]));
    },
    aliveBesides: async (self, lifeMs) => [...tables.members].filter(([id]) => id !== self && isAliveWithin(lifeMs)(id)).map(([id, { room }]) => ({ id, ...(room ? { room } : {}) })).sort(byId),
    previousPick: async () => tables.memory.previousPick,
    async rememberPick(member) {
      tables.memory.previousPick = member;
    },
  };
}
