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
import { isDueToResend } from './plan-resend.js';

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

/** How long each order had waited when its peer was asked last, by this process: another one asks on its own count, which does no harm. */
type Asked = ReadonlyMap<string, number>;

/** Duty: peers that have not answered are asked again, ever less often, and given up after a while; what they may still make is then removed. */
export function createResendPending(options: ResendOptions): (signal: AbortSignal) => Promise<void> {
  let asked: Asked = new Map();
  return async (signal) => {
    const next = new Map<string, number>();
    for (let after = ''; !signal.aborted;) {
      const page = await options.store.inStates(['pending'], after, PAGE);
      for (const [key, waited] of await resendPage(options, page, asked, signal)) next.set(key, waited);
      if (page.length < PAGE) break;
      after = page.at(-1)?.id ?? '';
    }
    asked = next;
  };
}

const keyOf = ({ id, incarnation }: OrderRecord): string => `${id} ${incarnation}`;

async function resendPage(options: ResendOptions, page: readonly OrderRecord[], asked: Asked, signal: AbortSignal): Promise<Asked> {
  const now = options.clock.now();
  const waited = (order: OrderRecord): number => now.getTime() - order.stateSince.getTime();
  const overdue = page.filter((order) => waited(order) > options.giveUpAfterMs);
  await options.moveOrders(overdue.map((order) => timedOut(order, now, options.retryMs)));
  const waiting = page.filter((order) => !overdue.includes(order));
  const due = waiting.filter((order) => isDueToResend(waited(order), asked.get(keyOf(order)), options.resendAfterMs));
  const needs = await loadNeeds(options.store, due);
  await Promise.all(due.map((order) => options.remote.request(order, { uses: usesOf(order, needs) }, signal)));
  return new Map(waiting.flatMap((order): [string, number][] => {
    const at = due.includes(order) ? waited(order) : asked.get(keyOf(order));
    return at === undefined ? [] : [[keyOf(order), at]];
  }));
}

/** Pure. */
export function timedOut(order: OrderRecord, now: Date, retryMs: number): OrderMove {
  const member = order.provider ?? '';
  const { refusals } = refusedBy(order, member, { code: 'timeout', reason: 'it did not answer', uncertain: false }, now, retryMs);
  return moveBy(order, 'timed-out', `${member} did not answer in time`, { patch: reopened(order, { refusals, failure: 'timeout' }), release: [member] });
}
