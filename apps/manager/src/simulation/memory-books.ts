import type { MemberStore } from '../members/member-store.js';
import type { ServedBooks } from '../peers/served-books.js';
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
        .filter((order) => order.requester === requester && order.instance?.id === instanceId && order.state !== 'deleted' && (!kind || order.kind === kind));
      return (found.find((order) => order.kind === 'compute') ?? found[0])?.id;
    },
  };
}

export function createMemoryMemberStore(tables: MemoryTables): MemberStore {
  const isAliveWithin = (lifeMs: number) => (id: string): boolean => (tables.members.get(id) ?? -Infinity) > tables.now() - lifeMs;
  return {
    async remember(named, lifeMs) {
      const newcomers = [...new Set(named)].filter((id) => !isAliveWithin(lifeMs)(id));
      for (const id of named) tables.members.set(id, tables.now());
      return newcomers;
    },
    aliveBesides: async (self, lifeMs) => [...tables.members.keys()].filter((id) => id !== self && isAliveWithin(lifeMs)(id)).sort(),
    previousPick: async () => tables.memory.previousPick,
    async rememberPick(member) {
      tables.memory.previousPick = member;
    },
  };
}
