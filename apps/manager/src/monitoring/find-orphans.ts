import { parseClientToken } from '@fogbow/request-model';
import type { MemberId, ResourceKind } from '@fogbow/request-model';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { LookRound } from '../fulfilment/look-round.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { Release, ReleaseStore } from '../orders/release-store.js';

export interface OrphanOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly releases: ReleaseStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** An unknown machine is left alone for so long: its order may be in the middle of a move. */
  readonly graceMs: number;
  /** The same for a volume of whose order nothing at all is known: after an older database was restored, somebody's data may be on it. */
  readonly unknownVolumeGraceMs: number;
  /** What our cloud has of ours, of every kind. */
  list(signal: AbortSignal, round: LookRound): Promise<readonly Found[]>;
}

/** Something that stands in our cloud's list. */
export interface Found {
  readonly kind: ResourceKind;
  readonly clientToken?: string | undefined;
}

interface Named extends Pick<Release, 'orderId' | 'kind' | 'incarnation'> {
  readonly token: string;
}

/** The last safety net: an instance of ours without an order that wants it is released. Judged by its name alone. */
export function createFindOrphans(options: OrphanOptions): (signal: AbortSignal, round: LookRound) => Promise<void> {
  const firstSeen = new Map<string, number>();
  return async (signal, round) => {
    const named = (await options.list(signal, round)).flatMap(({ kind, clientToken }): Named[] => {
      const target = clientToken ? parseClientToken(options.self, clientToken) : undefined;
      return target ? [{ token: `${kind} ${clientToken ?? ''}`, kind, ...target }] : [];
    });
    const orders = new Map((await options.store.getMany([...new Set(named.map((one) => one.orderId))])).map((order) => [order.id, order]));
    // Of calls that crossed a cloud may have two of one name: they are released as one, and until none is left.
    const orphans = [...new Map(named.filter((one) => isOrphan(orders.get(one.orderId), one, options.self)).map((one) => [one.token, one])).values()];
    const now = options.clock.uptime();
    for (const token of firstSeen.keys()) if (!orphans.some((one) => one.token === token)) firstSeen.delete(token);
    const graceOf = (one: Named): number => (one.kind === 'storage' && !orders.has(one.orderId) ? options.unknownVolumeGraceMs : options.graceMs);
    for (const one of orphans) {
      if (firstSeen.has(one.token)) continue;
      firstSeen.set(one.token, now);
      options.log.warn('an instance without an order', { instance: one.token, removedInMs: graceOf(one) });
    }
    const due = orphans.filter((one) => now - (firstSeen.get(one.token) ?? now) >= graceOf(one));
    if (due.length > 0) options.log.warn('instances without an order are removed', { instances: due.map((one) => one.token) });
    await options.releases.add(due.map(({ orderId, kind, incarnation }) => ({ orderId, kind, incarnation, member: options.self })));
  };
}

/** Pure: does nobody want this instance of this incarnation here? */
export function isOrphan(order: Pick<OrderRecord, 'kind' | 'incarnation' | 'provider' | 'state'> | undefined, found: { readonly kind: ResourceKind; readonly incarnation: number }, self: MemberId): boolean {
  if (!order || order.kind !== found.kind || order.incarnation !== found.incarnation) return true;
  if (order.state === 'closed' || order.state === 'failed') return true;
  return order.provider !== undefined && order.provider !== self;
}
