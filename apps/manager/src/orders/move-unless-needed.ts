import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { ResourceKind } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { applyMoves } from './apply-moves.js';
import type { Moved } from './apply-moves.js';
import type { OrderMove } from './order-move.js';
import type { OrderRecord } from './order-record.js';

/**
 * Applies a move of something that its owner wants gone, unless others need it (spec §8.2): a volume that is attached, a machine with
 * volumes, a network with machines. Then conflict, with their ids. Who is being inserted at this moment holds what it needs (see
 * insertOrders), so that one of the two sees the other.
 */
export async function moveUnlessNeeded(database: Kysely<unknown>, move: OrderMove, kind: ResourceKind): Promise<ReadonlyMap<string, Moved>> {
  // Nothing can need an attachment.
  if (kind === 'attachment') return await applyMoves(database, [move]);
  return await database.transaction().execute(async (transaction) => {
    // A statement of its own: the next one must see what was stored while we waited for the lock.
    await sql`select 1 from orders where id = ${move.id} for update`.execute(transaction);
    refuseWhileNeeded(kind, await usersOf(transaction, move.id));
    return await applyMoves(transaction, [move]);
  });
}

const MOST_NAMED = 20;

type User = Pick<OrderRecord, 'id' | 'kind'>;

async function usersOf(database: Kysely<unknown>, orderId: string): Promise<User[]> {
  const { rows } = await sql<{ id: string; kind: ResourceKind }>`select id, kind from orders
    where needs <> '{}' and needs @> array[${orderId}::uuid] and state in ('open', 'pending', 'spawning', 'fulfilled') order by id limit ${MOST_NAMED}`.execute(database);
  return rows;
}

/** Pure: throws conflict with the ids of those who need it. */
export function refuseWhileNeeded(kind: ResourceKind, needing: readonly User[]): void {
  if (needing.length === 0) return;
  const users = needing.slice(0, MOST_NAMED);
  const names = users.map((user) => `${NOUN_OF_KIND[user.kind]} ${user.id}`).join(', ');
  throw new FogbowError('conflict', `The ${NOUN_OF_KIND[kind]} is in use by ${names}; delete that first.`, { ids: users.map(({ id }) => id) });
}
