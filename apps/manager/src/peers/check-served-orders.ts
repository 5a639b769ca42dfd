import { globalInstanceId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { asFogbowError } from '@fogbow/plugin-contracts';
import { INSTANCEBEINGUSED } from '@fogbow/messaging';
import type { MessageSender } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import { isNameless } from './tell-requesters.js';

export interface CheckServedOptions {
  readonly self: MemberId;
  readonly link: MessageSender;
  readonly deletion: DeleteOptions;
  readonly timeoutMs: number;
  /** See ServeOptions. */
  tellRequesters(orderIds: readonly string[]): void;
  readonly log: Logger;
}

const PAGE = 100;
const PARALLEL = 8;

/**
 * Duty (spec §2.4 served-order monitor): a requester that says "not mine" loses the instance; one that is silent keeps it, and is not
 * asked again in this round. Orders that ended, but whose end nobody told, are told and forgotten.
 */
export function createCheckServedOrders(options: CheckServedOptions): (signal: AbortSignal) => Promise<void> {
  const check = async (order: OrderRecord, silent: Set<MemberId>, signal: AbortSignal): Promise<void> => {
    const isOver = order.state === 'failed' || order.state === 'closed';
    // An original that asked for an attachment knows no order of it; it goes with its machine.
    if (isNameless(order)) return isOver ? await markDeleted(options.deletion, order, order.reason ?? 'it is over') : undefined;
    if (isOver) return options.tellRequesters([order.id]);
    if (silent.has(order.requester)) return;
    const instanceId = globalInstanceId(order);
    try {
      await options.link.request(order.requester, INSTANCEBEINGUSED, { orderId: order.id, ...(instanceId ? { instanceId } : {}) }, { timeoutMs: options.timeoutMs, signal });
    } catch (error) {
      const { code } = asFogbowError(error);
      if (code === 'timeout' || code === 'unavailable') silent.add(order.requester);
      if (code !== 'not-found') return;
      options.log.info('a served order is not wanted any more', { order: order.id, requester: order.requester });
      await markDeleted(options.deletion, order, 'its requester does not know it any more');
    }
  };
  return async (signal) => {
    const silent = new Set<MemberId>();
    for (let after = ''; !signal.aborted;) {
      const page = await options.deletion.store.inStates(['open', 'spawning', 'fulfilled', 'failed', 'closed'], after, PAGE);
      const served = page.filter((order) => order.requester !== options.self);
      for (let start = 0; start < served.length; start += PARALLEL) await Promise.all(served.slice(start, start + PARALLEL).map((order) => check(order, silent, signal)));
      if (page.length < PAGE) return;
      after = page.at(-1)?.id ?? '';
    }
  };
}
