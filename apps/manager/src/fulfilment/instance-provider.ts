import type { Amount, Flavor, OrderInstance, OrderOrigin, ResourceKind } from '@fogbow/request-model';
import type { ErrorCode, InstanceState } from '@fogbow/plugin-contracts';
import type { OrderRecord } from '../orders/order-record.js';
import type { Uses } from '../orders/bind-order.js';
import type { LookRound } from './look-round.js';

/**
 * The seam between "here" and "elsewhere": nothing above it knows where an instance is, a machine or anything else that can be ordered.
 * Every call may be repeated after a crash, and none throws for what a cloud or a peer says; a fault of the way there is an outcome too.
 */
export interface InstanceProvider {
  /** Asks for the instance of an order's present incarnation. */
  request(order: OrderRecord, grounds: RequestGrounds, signal: AbortSignal): Promise<RequestOutcome>;
  /** What has become of the instances of these orders; every id is in the answer. In a round it may be what the round has seen before. */
  describe(orders: readonly OrderRecord[], signal: AbortSignal, round?: LookRound): Promise<ReadonlyMap<string, Observation>>;
  /** Removes whatever one incarnation of an order has there. */
  release(target: ReleaseTarget, signal: AbortSignal): Promise<ReleaseOutcome>;
}

/** What the plan found out about the order. */
export interface RequestGrounds {
  /** Chosen for machines in our own cloud only. */
  readonly flavor?: Flavor | undefined;
  /** The ids, inside the provider's cloud, of what the order needs. */
  readonly uses: Uses;
  /** Of several clouds of ours: the one that has what it uses; absent with uses: the first. */
  readonly cloud?: string;
  /** What it will take of our room. */
  readonly takes?: Amount;
}

export type RequestOutcome =
  /** There is an instance, or one is being made. `ready`: it runs and nothing more is to be waited for. */
  | { readonly kind: 'accepted'; readonly instance: OrderInstance; readonly ready: boolean }
  /** The question is under way; the answer comes by itself. */
  | { readonly kind: 'sent' }
  /** `uncertain`: an instance may exist all the same. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly reason: string; readonly uncertain: boolean };

export type Observation =
  | { readonly kind: 'present'; readonly state: InstanceState; readonly instance: OrderInstance; readonly reachable: boolean; readonly fault?: string }
  /** `reason`: what its provider says about that. */
  | { readonly kind: 'gone'; readonly reason?: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface ReleaseTarget {
  readonly orderId: string;
  readonly kind: ResourceKind;
  readonly incarnation: number;
  readonly member: string;
  /** Which cloud of ours has it, by the word of its order: '' the first one. Absent: nobody knows, and all are asked. */
  readonly cloud?: string;
  /** The request that brought the order. */
  readonly origin?: OrderOrigin;
}

/** `pending`: accepted, look again soon. `isSilent`: nobody answered there. */
export type ReleaseOutcome = { readonly kind: 'gone' } | { readonly kind: 'pending'; readonly reason: string; readonly inMs: number; readonly isSilent?: true };
