import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderReply, OrderRequest } from '@fogbow/messaging';
import { newId } from '@fogbow/service-runtime';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';

export interface ServeOptions extends DeleteOptions {
  readonly database: Kysely<unknown>;
  /** Reads the request into what an order needs; throws what the requester should hear. */
  read(request: OrderRequest): { owner: OrderRecord['owner']; batchId: string; spec: OrderRecord['spec'] };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A peer asks us for an instance. The same attempt asked again is the same order: answered at once when its machine
 * is there. An attempt that its requester has removed since is refused, however late it comes.
 */
export function createServeOrder(options: ServeOptions): (from: MemberId, request: OrderRequest) => Promise<OrderReply | 'later'> {
  return async (from, request) => {
    if (!UUID.test(request.id)) throw new FogbowError('bad-syntax', 'The id of an order must be a UUID.');
    const attempt = request.attempt ?? 1;
    const known = await options.store.get(request.id);
    if (known) return await again(options, from, known, attempt);
    if (await wasRemoved(options.database, from, request.id, attempt)) throw new FogbowError('not-found', 'Its requester has removed this order.');
    const { owner, batchId, spec } = options.read(request);
    await options.store.insert([{
      id: request.id, batchId: UUID.test(batchId) ? batchId : newId(), kind: 'compute', type: 'one-time', owner, requester: from, incarnation: attempt, spec,
    }]);
    options.checkpoints.reach('after-store-served');
    options.wakeUp('place-orders');
    return 'later';
  };
}

async function again(options: ServeOptions, from: MemberId, known: OrderRecord, attempt: number): Promise<OrderReply | 'later'> {
  if (known.requester !== from) throw new FogbowError('forbidden', 'This order is somebody else’s.');
  if (attempt < known.incarnation) throw new FogbowError('not-found', 'A later attempt of this order is known.');
  if (attempt > known.incarnation || known.state === 'deleted') {
    // The requester has given up on the attempt that we know. It goes first; the new one is welcome after.
    if (known.state !== 'deleted') await markDeleted(options, known, 'its requester asks anew');
    throw new FogbowError('no-valid-host', 'An earlier attempt of this order is still being removed.');
  }
  if (known.state === 'fulfilled' && known.instance) return { instanceId: known.instance.id };
  return 'later';
}

/** Requests for this attempt or an earlier one that are still on their way will be refused. */
export async function rememberRemoved(database: Kysely<unknown>, requester: MemberId, orderId: string, attempt: number): Promise<void> {
  await sql`insert into removed_orders (requester, order_id, attempt) values (${requester}, ${orderId}, ${attempt})
    on conflict (requester, order_id) do update set attempt = greatest(removed_orders.attempt, excluded.attempt), at = now()`.execute(database);
}

async function wasRemoved(database: Kysely<unknown>, requester: MemberId, orderId: string, attempt: number): Promise<boolean> {
  const { rows } = await sql`select 1 from removed_orders where requester = ${requester} and order_id = ${orderId} and attempt >= ${attempt}`.execute(database);
  return rows.length > 0;
}

/** A peer wants its order gone, up to the given attempt. Done once it is written down; the removal itself follows. */
export function createRemoveServedOrder(options: ServeOptions): (from: MemberId, orderId: string, attempt: number | undefined) => Promise<void> {
  return async (from, orderId, attempt) => {
    if (!UUID.test(orderId)) throw new FogbowError('not-found', 'There is no such order.');
    const known = await options.store.get(orderId);
    if (known && known.requester !== from) throw new FogbowError('forbidden', 'This order is somebody else’s.');
    const last = attempt ?? known?.incarnation ?? 1;
    await rememberRemoved(options.database, from, orderId, last);
    if (known && known.incarnation <= last) await markDeleted(options, known, 'its requester removed it');
  };
}
