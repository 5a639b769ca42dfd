import type { MemberId, OrderState } from '@fogbow/request-model';
import type { Moved } from './apply-moves.js';
import type { OrderMove } from './order-move.js';
import { statesOf } from './order-move.js';
import type { OrderStore } from './order-store.js';
import type { WakeLater, WakeUp } from './wake-up.js';

/** Applies moves and sees to what must follow at once. Everything that follows also has a period as its safety net. */
export type MoveOrders = (moves: readonly OrderMove[]) => Promise<ReadonlyMap<string, Moved>>;

export interface MoveOrdersOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly wakeUp: WakeUp;
  readonly wakeLater: WakeLater;
  /** Told the ids of orders of other members that moved; must not throw. */
  tellRequesters(orderIds: readonly string[]): void;
}

/** A machine may be up that soon; from then on the monitor looks again at growing intervals. */
const FIRST_LOOK_MS = 500;

/** What others wait for is there, or will never be. */
const SETTLED: readonly OrderState[] = ['fulfilled', 'closed', 'failed'];

export function createMoveOrders({ self, store, wakeUp, wakeLater, tellRequesters }: MoveOrdersOptions): MoveOrders {
  return async (moves) => {
    const moved = await store.move(moves);
    const applied = moves.filter((move) => moved.has(move.id));
    if (applied.some((move) => statesOf(move).at(-1) === 'open')) wakeUp('place-orders');
    if (applied.some((move) => move.release && move.release.length > 0)) wakeUp('release-instances');
    if (applied.some((move) => statesOf(move).at(-1) === 'spawning')) wakeLater('monitor-instances', FIRST_LOOK_MS);
    // The tunnel's news came before the order waited for it: nothing else will look at the machine soon.
    const reached = applied.filter((move) => moved.get(move.id)?.connected && statesOf(move).at(-1) === 'spawning').map((move) => move.id);
    if (reached.length > 0) wakeUp('monitor-instances', { orderIds: reached });
    const served = applied.map((move) => move.id).filter((id) => moved.get(id)?.requester !== self);
    if (served.length > 0) tellRequesters(served);
    // Last: the database may fail here, and what has moved has moved.
    const settled = applied.filter((move) => SETTLED.includes(statesOf(move).at(-1) as OrderState)).map((move) => move.id);
    if (settled.length > 0 && await store.wakeNeeding(settled) > 0) wakeUp('place-orders');
    return moved;
  };
}
