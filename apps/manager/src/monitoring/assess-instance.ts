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
  /** A persistent order gets another instance when the member that has this one has been silent for so long. */
  readonly lostAfterMs: number;
  /** How long each member has not been named; absent: it was never. */
  readonly silence: ReadonlyMap<MemberId, number>;
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
  if (order.state === 'fulfilled') return assessSilent(order, policy);
  const overdue = policy.now.getTime() - order.stateSince.getTime() > policy.bootDeadlineMs;
  if (order.state !== 'spawning' || order.provider === policy.self || !overdue) return undefined;
  return bootFailed(order, `its ${nounOf(order)} cannot be asked about: ${reason}`, policy);
}

/** What is gone with its member may come back with it: only an order that wants to live on goes elsewhere, and what is left there is removed when it can be. */
function assessSilent(order: OrderRecord, policy: AssessPolicy): OrderMove | undefined {
  if (order.type !== 'persistent' || !isSilent(order, policy) || (order.validUntil && order.validUntil <= policy.now)) return undefined;
  return { ...move(order, 'lost-reopened', `${order.provider ?? ''} has been gone for too long; another ${nounOf(order)} is ordered`, reopened(order)), ...leave(order) };
}

const isSilent = ({ provider = '', requester }: OrderRecord, { self, silence, lostAfterMs }: AssessPolicy): boolean =>
  provider !== self && requester === self && (silence.get(provider) ?? 0) >= lostAfterMs;

/** Pure: what the owner of an order that stays where it is should read; undefined while that is what it says already. */
export function explainInstance(order: OrderRecord, seen: Observation, policy: AssessPolicy): string | undefined {
  if (order.state !== 'fulfilled' || order.provider === policy.self) return undefined;
  const reason = seen.kind === 'unknown' ? `its ${nounOf(order)} is at ${order.provider ?? ''}, which does not answer` : readyReason(order);
  return reason === order.reason ? undefined : reason;
}

const readyReason = (order: OrderRecord): string => (order.kind === 'compute' ? 'the machine runs and can be reached' : `the ${nounOf(order)} can be used`);

function assessSpawning(order: OrderRecord, seen: Exclude<Observation, { kind: 'unknown' }>, policy: AssessPolicy): OrderMove | undefined {
  if (seen.kind === 'gone') return bootFailed(order, `its ${nounOf(order)} vanished before it was ready${saidBy(order, seen, policy)}`, policy);
  if (seen.state === 'failed') return bootFailed(order, `its ${nounOf(order)} failed: ${seen.fault ?? 'the cloud gives no reason'}`, policy);
  if (seen.state === 'active' && seen.reachable) {
    return move(order, 'ready', readyReason(order), { instance: seen.instance, failedBoots: 0, failure: null });
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
function saidBy(order: OrderRecord, { reason }: Extract<Observation, { kind: 'gone' }>, { self }: AssessPolicy): string {
  const { provider } = order;
  // The same sentence over there says nothing more.
  if (reason === undefined || reason === `its ${nounOf(order)} is gone` || provider === undefined || provider === self) return '';
  return `: ${provider} says: ${reason}`;
}

const nounOf = ({ kind }: OrderRecord): string => NOUN_OF_KIND[kind];

/** Whatever is left of the incarnation must go, also when it seems to be gone. */
const leave = (order: OrderRecord): Pick<OrderMove, 'release'> => (order.provider ? { release: [order.provider] } : {});

function move(order: OrderRecord, event: OrderEvent, reason: string, patch: OrderPatch): OrderMove {
  return { id: order.id, from: order.state, incarnation: order.incarnation, events: [event], reason, patch };
}
