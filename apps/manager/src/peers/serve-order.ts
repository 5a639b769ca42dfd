import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderReply } from '@fogbow/messaging';
import { newId } from '@fogbow/service-runtime';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { AdmitOrder } from '../sharing/admit-order.js';
import { UNCOUNTED } from './question-id.js';

export interface ServeOptions extends DeleteOptions {
  readonly database: Kysely<unknown>;
  /** Told the ids of served orders whose outcome their requesters should hear; must not throw. */
  tellRequesters(orderIds: readonly string[]): void;
  /** Lets in what our policies let in. */
  readonly admit: AdmitOrder;
}

/** What a peer wants of us. */
export interface ServedWish {
  /** Of the order at the peer. */
  readonly id: string;
  readonly attempt: number | undefined;
  /** Reads the rest; throws what the requester should hear. */
  read(): Promise<Served>;
}

export type Served = Pick<OrderRecord, 'kind' | 'owner' | 'batchId' | 'spec'>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isOrderId = (text: string): boolean => UUID.test(text);

/** Client tokens have room for nine digits. */
const MOST_ATTEMPTS = 999_999_999;

/**
 * A peer asks us for an instance. The same attempt asked again is the same order: answered at once when its machine
 * is there. An attempt that its requester has removed since is refused, however late it comes.
 */
export function createServeOrder(options: ServeOptions): (from: MemberId, wish: ServedWish) => Promise<OrderReply | 'later'> {
  return async (from, request) => {
    if (!UUID.test(request.id)) throw new FogbowError('bad-syntax', 'The id of an order must be a UUID.');
    const attempt = request.attempt === undefined ? UNCOUNTED : checkedAttempt(request.attempt);
    const known = await options.store.get(request.id);
    if (known) return await again(options, from, known, attempt);
    if (await wasRemoved(options.database, from, request.id, attempt)) throw removed();
    const { kind, owner, batchId, spec } = await request.read();
    await options.admit(from, { kind, spec }, () => options.store.insert([{
      id: request.id, batchId: UUID.test(batchId) ? batchId : newId(), kind, type: 'one-time', owner, requester: from, incarnation: attempt, spec,
    }]));
    options.checkpoints.reach('after-store-served');
    // The same request, or its removal, may have come at the same moment; one of us sees the other.
    const stored = await options.store.get(request.id);
    if (stored && await wasRemoved(options.database, from, request.id, attempt)) await markDeleted(options, stored, 'its requester removed it');
    if (!stored || await wasRemoved(options.database, from, request.id, attempt)) throw removed();
    options.wakeUp('place-orders');
    return await again(options, from, stored, attempt);
  };
}

const removed = (): FogbowError => new FogbowError('not-found', 'This order was removed or has ended here.');

function checkedAttempt(attempt: number): number {
  if (attempt < 1 || attempt > MOST_ATTEMPTS) throw new FogbowError('bad-syntax', `An attempt is a number from 1 to ${MOST_ATTEMPTS}.`);
  return attempt;
}

async function again(options: ServeOptions, from: MemberId, known: OrderRecord, attempt: number): Promise<OrderReply | 'later'> {
  if (known.requester !== from) throw new FogbowError('forbidden', 'This order is somebody else’s.');
  if (attempt < known.incarnation) throw new FogbowError('not-found', 'A later attempt of this order is known.');
  if (attempt > known.incarnation || known.state === 'deleted') {
    // The requester has given up on the attempt that we know. It goes first; the new one is welcome after.
    if (known.state !== 'deleted') await markDeleted(options, known, 'its requester asks anew');
    throw new FogbowError('conflict', 'An earlier attempt of this order is still being removed.');
  }
  if (known.state === 'fulfilled' && known.instance) return { instanceId: known.instance.id };
  // It ended, and whoever had to tell so died: it is told now.
  if (known.state === 'failed' || known.state === 'closed') options.tellRequesters([known.id]);
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

/**
 * A peer wants its order gone, up to the given attempt. A peer that names the attempt is told so only when the machine is gone:
 * until then it hears `conflict` and asks again. Originals hear at once that it is written down; the removal follows.
 */
export function createRemoveServedOrder(options: ServeOptions): (from: MemberId, orderId: string, attempt: number | undefined) => Promise<void> {
  return async (from, orderId, attempt) => {
    if (!UUID.test(orderId)) throw new FogbowError('not-found', 'There is no such order.');
    const before = await options.store.get(orderId);
    if (before && before.requester !== from) throw new FogbowError('forbidden', 'This order is somebody else’s.');
    const last = attempt === undefined ? before?.incarnation ?? UNCOUNTED : checkedAttempt(attempt);
    await rememberRemoved(options.database, from, orderId, last);
    options.checkpoints.reach('after-remember-removed');
    // Looked at after that is written: a request that comes at the same moment sees it, or is seen here.
    const known = await options.store.get(orderId);
    if (!known || known.requester !== from || known.incarnation > last) return;
    await markDeleted(options, known, 'its requester removed it');
    if (attempt !== undefined && await options.store.get(orderId)) throw new FogbowError('conflict', 'The machine is being removed.');
  };
}
