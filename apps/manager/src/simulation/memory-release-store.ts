import type { Release, ReleaseStore } from '../orders/release-store.js';
import { isAlive } from './memory-lease-table.js';
import { addHistory, putRelease, releaseKey } from './memory-tables.js';
import type { MemoryTables, StoredRelease } from './memory-tables.js';

export function createMemoryReleaseStore(tables: MemoryTables): ReleaseStore {
  return {
    add: async (releases) => releases.forEach((release) => putRelease(tables, release)),
    claimDue: async (limit, deadAfterMs) => claimDue(tables, limit, deadAfterMs),
    async done(release) {
      tables.releases.delete(releaseKey(release));
      tables.touched(release.orderId);
    },
    async retry(release, inMs) {
      const key = releaseKey(release);
      const stored = tables.releases.get(key);
      if (stored) tables.releases.set(key, { ...stored, nextAttemptAt: tables.now() + inMs });
    },
  };
}

function claimDue(tables: MemoryTables, limit: number, deadAfterMs: number): Release[] {
  const isBeingPlaced = ({ orderId }: StoredRelease): boolean => {
    const owner = tables.orders.get(orderId)?.leaseOwner;
    return owner !== undefined && isAlive(tables, owner, deadAfterMs);
  };
  const due = [...tables.releases].filter(([, release]) => release.nextAttemptAt <= tables.now() && !isBeingPlaced(release))
    .sort(([, left], [, right]) => left.nextAttemptAt - right.nextAttemptAt).slice(0, limit);
  return due.map(([key, release]) => {
    const { attempts } = release;
    const claimed = { ...release, attempts: attempts + 1, nextAttemptAt: tables.now() + 1000 * Math.min(60, 2 ** Math.min(attempts, 6)) };
    tables.releases.set(key, claimed);
    const { nextAttemptAt: _nextAttemptAt, ...shown } = claimed;
    const order = tables.orders.get(release.orderId)?.order;
    const held = order?.incarnation === release.incarnation && order.provider === release.member ? order.instance : undefined;
    return held ? { ...shown, cloud: held.cloud ?? '' } : shown;
  });
}

/** What `purgeDeleted` does in one statement. */
export function purgeDeletedInMemory(tables: MemoryTables, orderId?: string): void {
  const wanted = orderId === undefined ? [...tables.orders.values()] : [tables.orders.get(orderId)];
  const owed = new Set([...tables.releases.values()].map((release) => release.orderId));
  for (const stored of wanted) {
    if (!stored || stored.order.state !== 'deleted' || owed.has(stored.order.id)) continue;
    const { id, incarnation, provider, requester } = stored.order;
    tables.orders.delete(id);
    addHistory(tables, id, { at: new Date(tables.now()), from: 'deleted', to: 'purged' as never, event: 'purged', incarnation, requester, ...(provider === undefined ? {} : { provider }) });
    tables.touched(id);
  }
}
