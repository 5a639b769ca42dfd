import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { migrate, openDatabase } from '@fogbow/storage';
import type { NewOrder } from '../orders/insert-orders.js';
import { MIGRATIONS } from '../storage/migrations.js';
import { SELF } from './make-order.js';
import { createDatabase } from './start-manager.js';

/** A database of its own with the Manager's schema, on the PostgreSQL of the run. */
export async function openTestDatabase(): Promise<Kysely<unknown>> {
  const database = openDatabase<unknown>({ url: await createDatabase(), maxConnections: 6, onError: () => undefined });
  await migrate(database, MIGRATIONS);
  return database;
}

/** An order to insert, with what a test changes. */
export const newOrder = (changes: Partial<NewOrder> = {}): NewOrder => ({
  id: randomUUID(), batchId: randomUUID(), kind: 'compute', type: 'one-time', owner: { id: 'alice', name: 'Alice' }, requester: SELF, incarnation: 1, spec: {}, ...changes,
});
