import type { MemberId } from '@fogbow/request-model';
import type { Moved } from './apply-moves.js';
import type { OrderMove } from './order-move.js';
import { statesOf } from './order-move.js';
import type { OrderStore } from './order-store.js';
import type { WakeUp } from './wake-up.js';

/** Applies moves and sees to what must follow at once. Everything that follows also has a period as its safety net. */
export type MoveOrders = (moves: readonly OrderMove[]) => Promise<ReadonlyMap<string, Moved>>;

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
    // The tunnel's news came before the order waited for it: nothing else will look at the machine soon.
    const reached = applied.filter((move) => moved.get(move.id)?.connected && statesOf(move).at(-1) === 'spawning').map((move) => move.id);
    if (reached.length > 0) wakeUp('monitor-instances', { orderIds: reached });
    const served = applied.map((move) => move.id).filter((id) => moved.get(id)?.requester !== self);
    if (served.length > 0) tellRequesters(served);
    return moved;
  };
}
