import type { MemberId } from '@fogbow/request-model';
import type { LeaseTable } from '../orders/claim-orders.js';
import type { Refusal } from '../orders/order-record.js';
import { putOrder } from './memory-tables.js';
import type { MemoryTables, StoredOrder } from './memory-tables.js';

export function createMemoryLeaseTable(tables: MemoryTables, workerId: string, deadAfterMs: number): LeaseTable {
  const isHeldByOther = ({ leaseOwner }: StoredOrder): boolean => leaseOwner !== undefined && leaseOwner !== workerId && isAlive(tables, leaseOwner, deadAfterMs);
  const ours = (ids: readonly string[]): StoredOrder[] => ids.flatMap((id) => tables.orders.get(id) ?? []).filter(({ leaseOwner }) => leaseOwner === workerId);
  return {
    async claim(limit, except) {
      for (const stored of [...tables.orders.values()]) {
        const { id, state } = stored.order;
        if (state === 'deleted' && stored.leaseOwner === workerId && !except.includes(id)) putOrder(tables, { ...stored, leaseOwner: undefined });
      }
      const due = [...tables.orders.values()]
        .filter((stored) => stored.order.state === 'open' && stored.nextAttemptAt <= tables.now() && !except.includes(stored.order.id) && !isHeldByOther(stored))
        .sort((left, right) => left.nextAttemptAt - right.nextAttemptAt).slice(0, limit);
      return due.map((stored) => {
        const order = { ...stored.order, attempts: stored.order.attempts + 1 };
        putOrder(tables, { ...stored, order, leaseOwner: workerId });
        return order;
      });
    },
    async free(ids) {
      for (const stored of ours(ids)) putOrder(tables, { ...stored, leaseOwner: undefined });
    },
    async putBack(waits) {
      for (const { id, reason, failure, inMs, explanation, refusals, untouched } of waits) {
        for (const stored of ours([id])) {
          const { state, attempts } = stored.order;
          const order = { ...stored.order, ...(state === 'open' ? { reason } : {}), ...(failure ? { failure } : {}), explanation, refusals, attempts: untouched ? Math.max(attempts - 1, 0) : attempts };
          putOrder(tables, { ...stored, order, leaseOwner: undefined, nextAttemptAt: tables.now() + inMs });
        }
      }
    },
    async wake(ids) {
      for (const id of ids) {
        const stored = tables.orders.get(id);
        if (stored?.order.state === 'open' && stored.leaseOwner === undefined) putOrder(tables, { ...stored, nextAttemptAt: tables.now() });
      }
    },
    async nextDue() {
      const times = [...tables.orders.values()].filter(({ order, leaseOwner }) => order.state === 'open' && leaseOwner === undefined).map(({ nextAttemptAt }) => nextAttemptAt);
      return times.length === 0 ? undefined : Math.min(...times) - tables.now();
    },
    wakeWaiting: async (members) => wakeWaiting(tables, members),
  };
}

export function isAlive(tables: MemoryTables, workerId: string, deadAfterMs: number): boolean {
  const seenAt = tables.workers.get(workerId);
  return seenAt !== undefined && seenAt > tables.now() - deadAfterMs;
}

const OF_ROOM: readonly string[] = ['quota-exceeded', 'no-valid-host', 'conflict', 'unavailable', 'timeout'];

function wakeWaiting(tables: MemoryTables, members: readonly MemberId[]): void {
  const now = tables.now();
  const isVoid = (member: MemberId, refusal: Refusal): boolean => members.includes(member) && OF_ROOM.includes(refusal.code) && !refusal.uncertain;
  for (const stored of [...tables.orders.values()]) {
    const { state, failedBoots, validFrom, refusals } = stored.order;
    if (state !== 'open' || stored.leaseOwner !== undefined || stored.nextAttemptAt <= now || failedBoots > 0 || (validFrom && validFrom.getTime() > now)) continue;
    const standing = Object.fromEntries(Object.entries(refusals).filter(([member, refusal]) => !isVoid(member, refusal)));
    putOrder(tables, { ...stored, order: { ...stored.order, refusals: standing }, nextAttemptAt: now });
  }
}
