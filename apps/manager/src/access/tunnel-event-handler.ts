import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { TunnelEvent } from '@fogbow/queues';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { WakeUp } from '../orders/wake-up.js';

export interface TunnelEventOptions {
  readonly database: Kysely<unknown>;
  readonly wakeUp: WakeUp;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
}

/** `<order id>-<incarnation>` */
const GRANT_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,9})$/;

/** What the tunnel says about machines: remembered with the order, then the order is looked at. */
export function createTunnelEventHandler({ database, wakeUp, checkpoints, log }: TunnelEventOptions): (event: TunnelEvent) => Promise<void> {
  return async (event) => {
    if (event.type === 'started') return wakeUp('reconcile-grants');
    checkpoints.reach('on-service-up');
    if (event.service !== 'ssh') return;
    const connected = event.type === 'service-up';
    // An id that is not one of an order must not reach the database: to compare ids as texts would read the whole table.
    const [, orderId, incarnation] = GRANT_ID.exec(event.grantId) ?? [];
    if (!orderId) return log.warn('the tunnel named a grant that is not ours', { ...event });
    const { rows } = await sql<{ id: string }>`update orders set connected = ${connected}
      where id = ${orderId} and incarnation = ${incarnation}::integer returning id`.execute(database);
    log.debug('tunnel event', { ...event });
    if (rows.length > 0) wakeUp('monitor-instances', { orderIds: [orderId] });
  };
}
