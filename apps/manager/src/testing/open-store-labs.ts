import { sql } from 'kysely';
import { createMemberStore } from '../members/member-store.js';
import { createLeases } from '../orders/claim-orders.js';
import { createOrderLeases } from '../orders/lease-table.js';
import { createOrderStore } from '../orders/order-store.js';
import { createReleaseStore, purgeDeleted } from '../orders/release-store.js';
import { createServedBooks } from '../peers/served-books.js';
import { createMemoryMemberStore, createMemoryServedBooks } from '../simulation/memory-books.js';
import { createMemoryLeaseTable } from '../simulation/memory-lease-table.js';
import { createMemoryOrderStore } from '../simulation/memory-order-store.js';
import { createMemoryReleaseStore, purgeDeletedInMemory } from '../simulation/memory-release-store.js';
import { createMemoryTables } from '../simulation/memory-tables.js';
import { openTestDatabase } from './open-test-database.js';
import type { StoreLab } from './order-stores-suite.js';

export async function openDatabaseLab(): Promise<StoreLab> {
  const database = await openTestDatabase();
  return {
    store: createOrderStore(database), releases: createReleaseStore(database), served: createServedBooks(database), members: createMemberStore(database),
    leases: (workerId, deadAfterMs) => createOrderLeases(database, workerId, deadAfterMs),
    purge: (orderId) => purgeDeleted(database, orderId),
    heard: async (workerId, secondsAgo) => void await sql`insert into workers (id, name, seen_at) values (${workerId}, 'w', now() - make_interval(secs => ${secondsAgo}))
      on conflict (id) do update set seen_at = excluded.seen_at`.execute(database),
    empty: async () => void await sql`truncate orders, order_history, order_accounts, releases, workers, removed_orders, members, memory`.execute(database),
    close: () => database.destroy(),
  };
}

export async function openMemoryLab(): Promise<StoreLab> {
  let last = 0;
  // Never twice the same time, as in the database.
  const tables = createMemoryTables(() => (last = Math.max(Date.now(), last + 1)));
  return {
    store: createMemoryOrderStore(tables), releases: createMemoryReleaseStore(tables), served: createMemoryServedBooks(tables), members: createMemoryMemberStore(tables),
    leases: (workerId, deadAfterMs) => createLeases(createMemoryLeaseTable(tables, workerId, deadAfterMs)),
    purge: async (orderId) => purgeDeletedInMemory(tables, orderId),
    heard: async (workerId, secondsAgo) => void tables.workers.set(workerId, Date.now() - secondsAgo * 1000),
    async empty() {
      for (const table of [tables.orders, tables.history, tables.accounts, tables.releases, tables.workers, tables.removed, tables.members]) table.clear();
      delete tables.memory.previousPick;
    },
    close: async () => undefined,
  };
}
