import type { MemberId, Order, OrderEvent, OrderInstance, OrderState } from '@fogbow/request-model';
import { nextState } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { Refusal, Verdict } from './order-record.js';

/** Columns that a move may set beside the state; an absent key leaves the column, null clears it. */
export interface OrderPatch {
  readonly provider?: MemberId | null;
  readonly instance?: OrderInstance | null;
  readonly incarnation?: number;
  readonly failedBoots?: number;
  readonly refusals?: Readonly<Record<MemberId, Refusal>>;
  readonly explanation?: readonly Verdict[];
  readonly connected?: boolean;
  readonly failure?: ErrorCode | null;
  /** Milliseconds from now at which an open order is looked at again. */
  readonly nextAttemptInMs?: number;
}

/** A wanted move. It is applied only if the order is still in the state and incarnation that the decision saw. */
export interface OrderMove {
  readonly id: string;
  readonly from: OrderState;
  readonly incarnation: number;
  /** One event, or several that happened at once: `accepted-here` then `ready`. */
  readonly events: readonly OrderEvent[];
  /** Given where the decision also rests on how often the order was taken up: a worker that took it up since makes the move void. */
  readonly attempts?: number;
  readonly reason: string;
  readonly patch?: OrderPatch;
  /** Where an instance of this incarnation may exist that must be removed. */
  readonly release?: readonly MemberId[];
}

/** The states that the events lead through. An illegal event is a fault of ours and throws. */
export function statesOf(move: Pick<OrderMove, 'from' | 'events' | 'id'>): OrderState[] {
  let state = move.from;
  return move.events.map((event) => {
    const next = nextState(state, event);
    if (!next) throw new FogbowError('internal', `Order ${move.id} cannot go from ${state} by ${event}.`);
    state = next;
    return next;
  });
}

/** A move of the given order by one event. */
export function moveBy(order: Pick<Order, 'id' | 'state' | 'incarnation'>, event: OrderEvent, reason: string, more: Pick<OrderMove, 'patch' | 'release' | 'attempts'> = {}): OrderMove {
  return { id: order.id, from: order.state, incarnation: order.incarnation, events: [event], reason, ...more };
}

/** What every return to `open` changes: another incarnation, nobody serves it, look at it at once unless told otherwise. */
export function reopened(order: Pick<Order, 'incarnation'>, patch: OrderPatch = {}): OrderPatch {
  return { incarnation: order.incarnation + 1, provider: null, instance: null, connected: false, nextAttemptInMs: 0, ...patch };
}
