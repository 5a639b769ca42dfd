import type { Clock } from '@fogbow/service-runtime';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import { assessInstance } from '../monitoring/assess-instance.js';
import type { AssessPolicy } from '../monitoring/assess-instance.js';
import type { MoveOrders } from '../orders/move-orders.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { LookAt } from './look-at.js';

export interface CheckLostOptions {
  readonly remote: Pick<InstanceProvider, 'describe'>;
  readonly moveOrders: MoveOrders;
  readonly lookAt: LookAt;
  readonly policy: Omit<AssessPolicy, 'now' | 'silence'>;
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * A provider says that an instance which it made for us is gone. Not believed blindly: it is asked for the instance, and what it said is the
 * reason that the order's owner reads. One that says so while it is being asked is not asked once more.
 */
export type CheckLost = (order: OrderRecord, why: string) => Promise<void>;

export function createCheckLost({ remote, moveOrders, lookAt, policy, timeoutMs, clock }: CheckLostOptions): CheckLost {
  const check = async (order: OrderRecord, why: string): Promise<void> => {
    const seen = (await remote.describe([order], AbortSignal.timeout(timeoutMs))).get(order.id);
    const move = seen?.kind === 'gone' ? assessInstance(order, { kind: 'gone', reason: why }, { ...policy, silence: new Map(), now: clock.now() }) : undefined;
    if (move) await moveOrders([move]);
    else lookAt(order.id);
  };
  const asked = new Set<string>();
  return async (order, why) => {
    if (asked.has(order.id)) return;
    asked.add(order.id);
    await check(order, why).finally(() => asked.delete(order.id));
  };
}
