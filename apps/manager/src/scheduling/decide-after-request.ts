import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { ERROR_CATALOGUE } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { RequestOutcome } from '../fulfilment/instance-provider.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord, Refusal, Verdict } from '../orders/order-record.js';

export interface AfterRequestInput {
  readonly order: OrderRecord;
  readonly outcome: Exclude<RequestOutcome, { kind: 'sent' }>;
  readonly explanation: readonly Verdict[];
  readonly self: MemberId;
  readonly now: Date;
  readonly retryMs: number;
}

export type AfterRequest = { readonly move: OrderMove } | { readonly again: OrderRecord };

/** Pure: what follows from our own cloud's answer. A refusal sends the order back to planning without our cloud. */
export function afterRequest({ order, outcome, explanation, self, now, retryMs }: AfterRequestInput): AfterRequest {
  if (outcome.kind === 'refused') return { again: refusedBy(order, self, outcome, now, retryMs) };
  return {
    move: {
      id: order.id,
      from: 'open',
      incarnation: order.incarnation,
      attempts: order.attempts,
      events: outcome.ready ? ['accepted-here', 'ready'] : ['accepted-here'],
      reason: `the ${NOUN_OF_KIND[order.kind]} is ${outcome.ready ? 'there' : 'being prepared'}`,
      patch: { provider: self, instance: outcome.instance, explanation, refusals: {}, failure: null },
    },
  };
}

/** The order as it is after a member refused it: that member is not asked again for a while, or never where asking cannot help. */
export function refusedBy(order: OrderRecord, member: MemberId, refusal: { code: ErrorCode; reason: string; uncertain: boolean }, now: Date, retryMs: number): OrderRecord {
  const forGood = isForGood(refusal.code);
  const times = refusal.code === 'conflict' ? 1 + conflictsUntil(now, order.refusals[member], retryMs) : 1;
  const entry: Refusal = {
    until: new Date(now.getTime() + (forGood ? FOR_GOOD_MS : refusal.code === 'conflict' ? Math.min(soonMs(times), retryMs) : retryMs)).toISOString(),
    code: refusal.code,
    reason: refusal.reason,
    ...(refusal.uncertain ? { uncertain: true } : {}),
    ...(times > 1 ? { times } : {}),
  };
  return { ...order, failure: refusal.code, refusals: { ...order.refusals, [member]: entry } };
}

// Clouds and their images change: nothing is refused for longer than a day.
const FOR_GOOD_MS = 86_400_000;
/** A conflict passes by itself, mostly soon: a machine of an earlier attempt is still being removed. A volume that is elsewhere may stay there for days. */
const soonMs = (times: number): number => 1000 * 2 ** Math.min(times - 1, 10);

/** Neither the order's attempts nor its incarnation count them: the first are given back where nothing was made, and every answer of a peer begins another. */
function conflictsUntil(now: Date, before: Refusal | undefined, retryMs: number): number {
  const isLast = before?.code === 'conflict' && new Date(before.until).getTime() + retryMs > now.getTime();
  return isLast ? before.times ?? 1 : 0;
}

/** The cloud understood the wish and will never grant it; being short of room is not of that kind. */
export const isForGood = (code: ErrorCode): boolean => code === 'cloud-rejected' || ERROR_CATALOGUE[code].httpStatus === 400;
