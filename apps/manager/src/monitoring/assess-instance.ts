import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId, OrderEvent } from '@fogbow/request-model';
import type { Observation } from '../fulfilment/instance-provider.js';
import { reopened } from '../orders/order-move.js';
import type { OrderMove, OrderPatch } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';

export interface AssessPolicy {
  readonly self: MemberId;
  readonly now: Date;
  /** An instance that is not ready after so long has failed. */
  readonly bootDeadlineMs: number;
  /** So many failed boots in a row end an order (spec §9, weakness 19). */
  readonly maxFailedBoots: number;
  /** How long an order waits before the next try after the n-th failed boot, in ms. */
  retryAfter(failedBoots: number): number;
}

/** Pure: what an observation means for an order; undefined when nothing follows. */
export function assessInstance(order: OrderRecord, seen: Observation, policy: AssessPolicy): OrderMove | undefined {
  if (seen.kind === 'unknown') return assessUnknown(order, seen.reason, policy);
  if (order.state === 'spawning') return assessSpawning(order, seen, policy);
  if (order.state === 'fulfilled') return assessFulfilled(order, seen, policy);
  return undefined;
}

/** A cloud or a member that does not answer changes nothing, but a member that took an order and is never heard of again loses it. */
function assessUnknown(order: OrderRecord, reason: string, policy: AssessPolicy): OrderMove | undefined {
  const overdue = policy.now.getTime() - order.stateSince.getTime() > policy.bootDeadlineMs;
  if (order.state !== 'spawning' || order.provider === policy.self || !overdue) return undefined;
  return bootFailed(order, `its ${nounOf(order)} cannot be asked about: ${reason}`, policy);
}

function assessSpawning(order: OrderRecord, seen: Exclude<Observation, { kind: 'unknown' }>, policy: AssessPolicy): OrderMove | undefined {
  if (seen.kind === 'gone') return bootFailed(order, `its ${nounOf(order)} vanished before it was ready${saidBy(order, seen, policy)}`, policy);
  if (seen.state === 'failed') return bootFailed(order, `its ${nounOf(order)} failed: ${seen.fault ?? 'the cloud gives no reason'}`, policy);
  if (seen.state === 'active' && seen.reachable) {
    return move(order, 'ready', order.kind === 'compute' ? 'the machine runs and can be reached' : `the ${nounOf(order)} can be used`, { instance: seen.instance, failedBoots: 0, failure: null });
  }
  if (policy.now.getTime() - order.stateSince.getTime() <= policy.bootDeadlineMs) return undefined;
  return bootFailed(order, seen.state === 'active' ? 'its machine runs but never reached the tunnel' : `its ${nounOf(order)} did not come up in time`, policy);
}

/** A served order is not tried again here: its requester decides what comes next. */
function bootFailed(order: OrderRecord, reason: string, policy: AssessPolicy): OrderMove {
  const failedBoots = order.failedBoots + 1;
  const ends = order.requester !== policy.self || failedBoots >= policy.maxFailedBoots;
  const patch: OrderPatch = ends
    ? { failedBoots, failure: 'no-valid-host' }
    : reopened(order, { failedBoots, failure: 'no-valid-host', nextAttemptInMs: policy.retryAfter(failedBoots) });
  return { ...move(order, ends ? 'gave-up' : 'boot-failed', reason, patch), ...leave(order) };
}

function assessFulfilled(order: OrderRecord, seen: Exclude<Observation, { kind: 'unknown' }>, policy: AssessPolicy): OrderMove | undefined {
  if (seen.kind === 'present' && seen.state !== 'failed') return undefined;
  const reason = `its ${nounOf(order)} ${seen.kind === 'gone' ? `is gone${saidBy(order, seen, policy)}` : `failed: ${seen.fault ?? 'the cloud gives no reason'}`}`;
  const over = order.validUntil !== undefined && order.validUntil <= policy.now;
  if (order.type === 'one-time' || over) return { ...move(order, 'lost', reason, { connected: false, failure: 'not-found' }), ...leave(order) };
  return { ...move(order, 'lost-reopened', `${reason}; another is ordered`, reopened(order)), ...leave(order) };
}

/** What another member said about it. */
function saidBy({ provider }: OrderRecord, { reason }: Extract<Observation, { kind: 'gone' }>, { self }: AssessPolicy): string {
  return reason === undefined || provider === undefined || provider === self ? '' : `: ${provider} says: ${reason}`;
}

const nounOf = ({ kind }: OrderRecord): string => NOUN_OF_KIND[kind];

/** Whatever is left of the incarnation must go, also when it seems to be gone. */
const leave = (order: OrderRecord): Pick<OrderMove, 'release'> => (order.provider ? { release: [order.provider] } : {});

function move(order: OrderRecord, event: OrderEvent, reason: string, patch: OrderPatch): OrderMove {
  return { id: order.id, from: order.state, incarnation: order.incarnation, events: [event], reason, patch };
}
