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

/** What the tunnel says about machines: remembered with the order, then the order is looked at. */
export function createTunnelEventHandler({ database, wakeUp, checkpoints, log }: TunnelEventOptions): (event: TunnelEvent) => Promise<void> {
  return async (event) => {
    if (event.type === 'started') return wakeUp('reconcile-grants');
    checkpoints.reach('on-service-up');
    if (event.service !== 'ssh') return;
    const connected = event.type === 'service-up';
    const orderId = event.grantId.slice(0, 36);
    const incarnation = Number(event.grantId.slice(37));
    const { rows } = await sql<{ id: string }>`update orders set connected = ${connected}
      where id::text = ${orderId} and incarnation = ${incarnation} returning id`.execute(database);
    log.debug('tunnel event', { ...event });
    if (rows.length > 0) wakeUp('monitor-instances', { orderIds: [orderId] });
  };
}
