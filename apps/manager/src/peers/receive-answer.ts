import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import type { OrderReply, Outcome } from '@fogbow/messaging';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { MoveOrders } from '../orders/move-orders.js';
import { moveBy, reopened } from '../orders/order-move.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { WakeUp } from '../orders/wake-up.js';
import type { CheckLost } from './check-lost.js';
import { refusedBy } from '../scheduling/decide-after-request.js';
import { parseQuestionId } from './question-id.js';

export interface AnswerOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly moveOrders: MoveOrders;
  readonly wakeUp: WakeUp;
  readonly checkLost: CheckLost;
  readonly retryMs: number;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
  now(): Date;
}

/** A provider's answer to an order that we sent it: late, doubled or from the wrong one, it can only move what waits for it. */
export function createReceiveAnswer(options: AnswerOptions): (from: MemberId, id: string, outcome: Outcome<OrderReply>) => Promise<void> {
  return async (from, id, outcome) => {
    options.checkpoints.reach('on-answer');
    const asked = parseQuestionId(id);
    const order = asked && await options.store.get(asked.orderId);
    if (!order || order.requester !== options.self || order.provider !== from) return;
    // What became of an earlier attempt says nothing about this one.
    if (asked.attempt !== undefined && asked.attempt !== order.incarnation) return;
    // News about an instance that we have already: worth a look, not to be believed blindly.
    if (order.state !== 'pending') return 'error' in outcome ? await options.checkLost(order, outcome.error.message) : undefined;
    await options.moveOrders([moveAfterAnswer(order, from, outcome, options)]);
    options.checkpoints.reach('after-answer');
    if ('reply' in outcome) options.wakeUp('monitor-instances', { orderIds: [order.id] });
  };
}

/** Pure. */
export function moveAfterAnswer(order: OrderRecord, from: MemberId, outcome: Outcome<OrderReply>, { now, retryMs }: Pick<AnswerOptions, 'now' | 'retryMs'>): OrderMove {
  if ('reply' in outcome) return moveBy(order, 'answered', `${from} has made the ${NOUN_OF_KIND[order.kind]}`, { patch: { instance: { id: outcome.reply.instanceId } } });
  const { code, message } = outcome.error;
  const { refusals } = refusedBy(order, from, { code, reason: message, uncertain: false }, now(), retryMs);
  // A fault on the way, or of the peer, says nothing about the machine: it may exist. So may that of a question which a busy peer turned away, if it was asked twice.
  const unclear = ['internal', 'unavailable', 'timeout', 'cloud-unavailable', 'too-many-requests'].includes(code);
  return moveBy(order, 'turned-down', `${from} refused: ${message}`, { patch: reopened(order, { refusals, failure: code }), ...(unclear ? { release: [from] } : {}) });
}
