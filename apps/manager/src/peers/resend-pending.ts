import type { Clock } from '@fogbow/service-runtime';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import type { MoveOrders } from '../orders/move-orders.js';
import { loadNeeds } from '../orders/load-needs.js';
import { moveBy, reopened } from '../orders/order-move.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import { usesOf } from '../orders/bind-order.js';
import { refusedBy } from '../scheduling/decide-after-request.js';

export interface ResendOptions {
  readonly store: OrderStore;
  readonly moveOrders: MoveOrders;
  readonly remote: InstanceProvider;
  readonly clock: Clock;
  /** An answer may take so long before the peer is reminded. */
  readonly resendAfterMs: number;
  /** Spec §5.3 async_request_waiting_interval: then the order goes elsewhere. */
  readonly giveUpAfterMs: number;
  readonly retryMs: number;
}

const PAGE = 200;

/** Duty: peers that have not answered are asked again, and given up after a while; what they may still make is then removed. */
export function createResendPending(options: ResendOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    for (let after = ''; !signal.aborted;) {
      const page = await options.store.inStates(['pending'], after, PAGE);
      await resendPage(options, page, signal);
      if (page.length < PAGE) return;
      after = page.at(-1)?.id ?? '';
    }
  };
}

async function resendPage(options: ResendOptions, page: readonly OrderRecord[], signal: AbortSignal): Promise<void> {
  const now = options.clock.now();
  const waited = (order: OrderRecord): number => now.getTime() - order.stateSince.getTime();
  const overdue = page.filter((order) => waited(order) > options.giveUpAfterMs);
  await options.moveOrders(overdue.map((order) => timedOut(order, now, options.retryMs)));
  const silent = page.filter((order) => waited(order) > options.resendAfterMs && !overdue.includes(order));
  const needs = await loadNeeds(options.store, silent);
  await Promise.all(silent.map((order) => options.remote.request(order, { uses: usesOf(order, needs) }, signal)));
}

/** Pure. */
export function timedOut(order: OrderRecord, now: Date, retryMs: number): OrderMove {
  const member = order.provider ?? '';
  const { refusals } = refusedBy(order, member, { code: 'timeout', reason: 'it did not answer', uncertain: false }, now, retryMs);
  return moveBy(order, 'timed-out', `${member} did not answer in time`, { patch: reopened(order, { refusals, failure: 'timeout' }), release: [member] });
}
