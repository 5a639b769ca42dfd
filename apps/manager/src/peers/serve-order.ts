import type { MemberId } from '@fogbow/request-model';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { OrderReply } from '@fogbow/messaging';
import { newId } from '@fogbow/service-runtime';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { AdmitOrder, CheckAdmitted } from '../sharing/admit-order.js';
import { UNCOUNTED } from './question-id.js';
import type { ServedBooks } from './served-books.js';

export interface ServeOptions extends DeleteOptions {
  readonly served: ServedBooks;
  /** Told the ids of served orders whose outcome their requesters should hear; must not throw. */
  tellRequesters(orderIds: readonly string[]): void;
  readonly checkAdmitted: CheckAdmitted;
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
 * is there. An attempt that its requester has removed since, or that was refused, is refused, however late it comes.
 */
export function createServeOrder(options: ServeOptions): (from: MemberId, wish: ServedWish) => Promise<OrderReply | 'later'> {
  const serve = createServe(options);
  return async (from, request) => {
    if (!UUID.test(request.id)) throw new FogbowError('bad-syntax', 'The id of an order must be a UUID.');
    const attempt = request.attempt === undefined ? UNCOUNTED : checkedAttempt(request.attempt);
    return await serve(from, request, attempt).catch(async (error: unknown) => {
      if (isFogbowError(error) && !SAYS_NOTHING.includes(error.code)) await neverGrant(options, from, request.id, attempt);
      throw error;
    });
  };
}

/** Its requester goes on without us when it hears of a refusal: the same question, doubled or late, must not be granted then. */
async function neverGrant({ served }: ServeOptions, from: MemberId, orderId: string, attempt: number): Promise<void> {
  if (attempt !== UNCOUNTED) await served.rememberRemoved(from, orderId, attempt);
}

/** Faults of ours, after which the requester has the attempt removed; and whoever is not admitted, or names somebody else’s order, leaves nothing here. */
const SAYS_NOTHING: readonly ErrorCode[] = ['internal', 'unavailable', 'timeout', 'cloud-unavailable', 'forbidden'];

function createServe(options: ServeOptions): (from: MemberId, request: ServedWish, attempt: number) => Promise<OrderReply | 'later'> {
  return async (from, request, attempt) => {
    const known = await options.store.get(request.id);
    if (known) return await again(options, from, known, attempt);
    if (await options.served.wasRemoved(from, request.id, attempt)) throw removed();
    await options.checkAdmitted(from);
    const { kind, owner, batchId, spec } = await request.read().catch(async (error: unknown) => {
      // The token or the networks are not good; the question that comes again may have better ones.
      if (isFogbowError(error) && error.code === 'forbidden') await neverGrant(options, from, request.id, attempt);
      throw error;
    });
    await options.admit(from, { kind, spec }, () => options.store.insert([{
      id: request.id, batchId: UUID.test(batchId) ? batchId : newId(), kind, type: 'one-time', owner, requester: from, incarnation: attempt, spec,
    }]));
    options.checkpoints.reach('after-store-served');
    // The same request, or its removal, may have come at the same moment; one of us sees the other.
    const stored = await options.store.get(request.id);
    if (stored && stored.requester !== from) throw somebodyElses();
    const isRemoved = await options.served.wasRemoved(from, request.id, attempt);
    if (stored && isRemoved) await markDeleted(options, stored, 'its requester removed it');
    if (isRemoved) throw removed();
    if (!stored) throw new FogbowError('forbidden', 'This is the id of another order.');
    options.wakeUp('place-orders');
    return await again(options, from, stored, attempt);
  };
}

const somebodyElses = (): FogbowError => new FogbowError('forbidden', 'This order is somebody else’s.');
const removed = (): FogbowError => new FogbowError('not-found', 'This order was removed or has ended here.');

function checkedAttempt(attempt: number): number {
  if (attempt < 1 || attempt > MOST_ATTEMPTS) throw new FogbowError('bad-syntax', `An attempt is a number from 1 to ${MOST_ATTEMPTS}.`);
  return attempt;
}

async function again(options: ServeOptions, from: MemberId, known: OrderRecord, attempt: number): Promise<OrderReply | 'later'> {
  if (known.requester !== from) throw somebodyElses();
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

/**
 * A peer wants its order gone, up to the given attempt. A peer that names the attempt is told so only when the machine is gone:
 * until then it hears `conflict` and asks again. Originals hear at once that it is written down; the removal follows.
 */
export function createRemoveServedOrder(options: ServeOptions): (from: MemberId, orderId: string, attempt: number | undefined) => Promise<void> {
  return async (from, orderId, attempt) => {
    if (!UUID.test(orderId)) throw new FogbowError('not-found', 'There is no such order.');
    const before = await options.store.get(orderId);
    if (before && before.requester !== from) throw somebodyElses();
    // Whom we do not serve has nothing on its way here that would have to be refused later, and must not fill our memory.
    if (!before && !await isAdmitted(options, from)) return;
    const last = attempt === undefined ? before?.incarnation ?? UNCOUNTED : checkedAttempt(attempt);
    await options.served.rememberRemoved(from, orderId, last);
    options.checkpoints.reach('after-remember-removed');
    // Looked at after that is written: a request that comes at the same moment sees it, or is seen here.
    const known = await options.store.get(orderId);
    if (!known || known.requester !== from || known.incarnation > last) return;
    await markDeleted(options, known, 'its requester removed it');
    if (attempt !== undefined && await options.store.get(orderId)) throw new FogbowError('conflict', 'The machine is being removed.');
  };
}

async function isAdmitted({ checkAdmitted }: ServeOptions, from: MemberId): Promise<boolean> {
  try {
    await checkAdmitted(from);
    return true;
  } catch (error) {
    if (isFogbowError(error) && error.code === 'forbidden') return false;
    throw error;
  }
}
