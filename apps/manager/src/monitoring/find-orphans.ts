import { parseClientToken } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import type { Instance } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { ReleaseStore } from '../orders/release-store.js';

export interface OrphanOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly releases: ReleaseStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** An unknown machine is left alone for so long: its order may be in the middle of a move. */
  readonly graceMs: number;
  list(signal: AbortSignal): Promise<readonly Instance[]>;
}

/** The last safety net: a machine of ours without an order that wants it is released. Judged by its name alone. */
export function createFindOrphans(options: OrphanOptions): (signal: AbortSignal) => Promise<void> {
  const firstSeen = new Map<string, number>();
  return async (signal) => {
    const named = (await options.list(signal)).flatMap((instance) => {
      const target = instance.clientToken ? parseClientToken(options.self, instance.clientToken) : undefined;
      return target ? [{ token: instance.clientToken as string, ...target }] : [];
    });
    const orders = new Map((await options.store.getMany([...new Set(named.map((one) => one.orderId))])).map((order) => [order.id, order]));
    const orphans = named.filter((one) => isOrphan(orders.get(one.orderId), one.incarnation, options.self));
    const now = options.clock.uptime();
    for (const token of firstSeen.keys()) if (!orphans.some((one) => one.token === token)) firstSeen.delete(token);
    for (const one of orphans) if (!firstSeen.has(one.token)) firstSeen.set(one.token, now);
    const due = orphans.filter((one) => now - (firstSeen.get(one.token) ?? now) >= options.graceMs);
    if (due.length > 0) options.log.warn('machines without an order are removed', { machines: due.map((one) => one.token) });
    await options.releases.add(due.map(({ orderId, incarnation }) => ({ orderId, incarnation, member: options.self })));
  };
}

/** Pure: does nobody want the machine of this incarnation here? */
export function isOrphan(order: Pick<OrderRecord, 'incarnation' | 'provider' | 'state'> | undefined, incarnation: number, self: MemberId): boolean {
  if (!order || order.incarnation !== incarnation) return true;
  if (order.state === 'closed' || order.state === 'failed') return true;
  return order.provider !== undefined && order.provider !== self;
}
