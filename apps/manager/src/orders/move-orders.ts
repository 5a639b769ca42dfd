import type { MemberId } from '@fogbow/request-model';
import type { OrderMove } from './order-move.js';
import { statesOf } from './order-move.js';
import type { OrderStore } from './order-store.js';
import type { WakeUp } from './wake-up.js';

/** Applies moves and sees to what must follow at once. Everything that follows also has a period as its safety net. */
export type MoveOrders = (moves: readonly OrderMove[]) => Promise<ReadonlyMap<string, MemberId>>;

export interface MoveOrdersOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly wakeUp: WakeUp;
  /** Told the ids of orders of other members that moved; must not throw. */
  tellRequesters(orderIds: readonly string[]): void;
}

export function createMoveOrders({ self, store, wakeUp, tellRequesters }: MoveOrdersOptions): MoveOrders {
  return async (moves) => {
    const moved = await store.move(moves);
    const applied = moves.filter((move) => moved.has(move.id));
    if (applied.some((move) => statesOf(move).at(-1) === 'open')) wakeUp('place-orders');
    if (applied.some((move) => move.release && move.release.length > 0)) wakeUp('release-instances');
    const served = applied.map((move) => move.id).filter((id) => moved.get(id) !== self);
    if (served.length > 0) tellRequesters(served);
    return moved;
  };
}
