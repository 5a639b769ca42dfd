import { globalInstanceId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { asFogbowError } from '@fogbow/plugin-contracts';
import { INSTANCEBEINGUSED } from '@fogbow/messaging';
import type { MessageSender } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import type { MeasureSilence } from '../members/member-store.js';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import { isNameless, ORIGINAL_WAITS_MS } from './tell-requesters.js';

export interface CheckServedOptions {
  readonly self: MemberId;
  readonly link: MessageSender;
  readonly deletion: DeleteOptions;
  readonly timeoutMs: number;
  readonly silence: MeasureSilence;
  /** A requester that has been gone for so long loses what it has here. */
  readonly abandonAfterMs: number;
  /** See ServeOptions. */
  tellRequesters(orderIds: readonly string[]): void;
  readonly log: Logger;
  now(): Date;
}

const PAGE = 100;
const PARALLEL = 8;

/**
 * Duty (spec §2.4 served-order monitor): a requester that says "not mine" loses the instance; one that is silent keeps it, and is not
 * asked again in this round. Orders that ended, but whose end nobody told, are told and forgotten.
 */
export function createCheckServedOrders(options: CheckServedOptions): (signal: AbortSignal) => Promise<void> {
  /** Only who neither answers nor is named for long is given up. */
  const abandon = async (order: OrderRecord, gone: ReadonlySet<MemberId>): Promise<void> => {
    if (!gone.has(order.requester)) return;
    options.log.warn('a requester has been gone for too long; its order is removed', { order: order.id, requester: order.requester });
    await markDeleted(options.deletion, order, 'its requester has been gone for too long');
  };
  /** Whoever waits for it on the spot reads first why it ended. */
  const forget = async (order: OrderRecord): Promise<void> => {
    if (options.now().getTime() - order.stateSince.getTime() > ORIGINAL_WAITS_MS) await markDeleted(options.deletion, order, order.reason ?? 'it is over');
  };
  const check = async (order: OrderRecord, silent: Set<MemberId>, gone: ReadonlySet<MemberId>, signal: AbortSignal): Promise<void> => {
    const isOver = order.state === 'failed' || order.state === 'closed';
    if (isOver) return isNameless(order) ? await forget(order) : options.tellRequesters([order.id]);
    if (silent.has(order.requester)) return await abandon(order, gone);
    // An original that asked for an attachment knows no order of it; it goes with its machine.
    if (isNameless(order)) return;
    const instanceId = globalInstanceId(order);
    try {
      await options.link.request(order.requester, INSTANCEBEINGUSED, { orderId: order.id, ...(instanceId ? { instanceId } : {}) }, { timeoutMs: options.timeoutMs, signal });
    } catch (error) {
      const { code } = asFogbowError(error);
      if (code === 'timeout' || code === 'unavailable') {
        silent.add(order.requester);
        return await abandon(order, gone);
      }
      if (code !== 'not-found') return;
      options.log.info('a served order is not wanted any more', { order: order.id, requester: order.requester });
      await markDeleted(options.deletion, order, 'its requester does not know it any more');
    }
  };
  return async (signal) => {
    const silent = new Set<MemberId>();
    const gone = new Set([...await options.silence()].filter(([, ms]) => ms >= options.abandonAfterMs).map(([member]) => member));
    for (let after = ''; !signal.aborted;) {
      const served = await options.deletion.store.inStates(['open', 'spawning', 'fulfilled', 'failed', 'closed'], after, PAGE, options.self);
      for (let start = 0; start < served.length; start += PARALLEL) await Promise.all(served.slice(start, start + PARALLEL).map((order) => check(order, silent, gone, signal)));
      if (served.length < PAGE) return;
      after = served.at(-1)?.id ?? '';
    }
  };
}
