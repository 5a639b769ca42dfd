import type { MemberId, OrderState, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';
import type { ReleaseStore } from './release-store.js';
import { moveBy } from './order-move.js';
import { findOwnOrder } from './show-order.js';
import type { WakeUp } from './wake-up.js';

export interface DeleteOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly releases: ReleaseStore;
  readonly purge: (orderId: string) => Promise<void>;
  readonly wakeUp: WakeUp;
  readonly checkpoints: Checkpoints<CrashStep>;
}

/** With a condition the order is deleted only as it is when the condition is asked; else precondition-failed. */
export type DeleteOrder = (owner: UserRef, orderId: string, condition?: (order: OrderRecord) => Promise<boolean>) => Promise<void>;

/**
 * Use case: the owner wants an order gone. It becomes `deleted` and stays listed until no instance of it can exist
 * anywhere; then it is purged (spec §1.7). Deleting twice is no error while it is listed. What other orders need is a conflict.
 */
export function createDeleteOrder(options: DeleteOptions): DeleteOrder {
  return async (owner, orderId, condition) => {
    const order = await findOwnOrder(options, owner, orderId);
    if (condition && !await condition(order)) throw changedMeanwhile();
    await markDeleted(options, order, 'deleted by its owner', { onlyAsItIs: condition !== undefined, unlessNeeded: true });
  };
}

const TRIES = 20;

const changedMeanwhile = (): FogbowError => new FogbowError('precondition-failed', 'The order has changed since you saw it; look at it again.');

/** Moves an order to `deleted` whatever it does meanwhile (or only as it is, or only while nobody needs it), and purges it at once when nothing can be left of it. */
export async function markDeleted(options: DeleteOptions, order: OrderRecord, reason: string, { onlyAsItIs = false, unlessNeeded = false } = {}): Promise<void> {
  let current: OrderRecord | undefined = order;
  for (let tries = 0; current && current.state !== 'deleted' && isSame(current, order); tries += 1) {
    if (tries === TRIES) throw new FogbowError('conflict', 'The order is changing too fast; try again.');
    const release = whereInstancesMayBe(current, options.self);
    const move = moveBy(current, 'deleted', reason, { release, attempts: current.attempts });
    const moved = unlessNeeded ? await options.store.moveUnlessNeeded(move, current.kind) : await options.store.move([move]);
    if (moved.has(current.id)) break;
    if (onlyAsItIs) throw changedMeanwhile();
    current = await options.store.get(order.id);
  }
  options.checkpoints.reach('after-mark-deleted');
  await options.purge(order.id);
  options.wakeUp('release-instances');
}

/** An order of another member may have gone and come again under its id: that is another attempt, which somebody wants. */
const isSame = (current: OrderRecord, order: OrderRecord): boolean => current.createdAt.getTime() === order.createdAt.getTime();

/** The members at which the present incarnation may have an instance. */
export function whereInstancesMayBe(order: Pick<OrderRecord, 'state' | 'provider' | 'attempts'>, self: MemberId): MemberId[] {
  const placed: readonly OrderState[] = ['pending', 'spawning', 'fulfilled'];
  if (placed.includes(order.state) && order.provider) return [order.provider];
  return order.state === 'open' && order.attempts > 0 ? [self] : [];
}
