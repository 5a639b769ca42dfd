import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { GivenService, TunnelEvent } from '@fogbow/queues';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { WakeUp } from '../orders/wake-up.js';
import { createGrantStore } from './grant-store.js';
import { moveMachine } from './move-machine.js';

export interface TunnelEventOptions {
  readonly database: Kysely<unknown>;
  readonly wakeUp: WakeUp;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
}

/** `<order id>-<incarnation>` */
const GRANT_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,9})$/;

/** The tunnel stands in the DMZ, and names of services end in headers and answers. */
const isSane = ({ name, port, kind }: GivenService): boolean =>
  typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name) && Number.isInteger(port) && port > 0 && port < 65_536 && (kind === undefined || kind === 'http');

/** What the tunnel says about machines: remembered with the order, then the order is looked at. */
export function createTunnelEventHandler({ database, wakeUp, checkpoints, log }: TunnelEventOptions): (event: TunnelEvent) => Promise<void> {
  const grants = createGrantStore(database);
  return async (event) => {
    if (event.type === 'started') return wakeUp('reconcile-grants');
    checkpoints.reach('on-service-up');
    if (event.type !== 'services-changed' && event.service !== 'ssh') return;
    // An id that is not one of an order must not reach the database: to compare ids as texts would read the whole table.
    const [, orderId, incarnation] = GRANT_ID.exec(event.grantId) ?? [];
    if (!orderId) return log.warn('the tunnel named a grant that is not ours', { ...event });
    if (event.type === 'services-changed') {
      await grants.setServices(event.grantId, event.services.filter(isSane));
      return wakeUp('monitor-instances', { orderIds: [orderId] });
    }
    const connected = event.type === 'service-up';
    const isHeeded = await database.transaction().execute(async (transaction) => {
      if (!await moveMachine(transaction, event)) return false;
      const { rows } = await sql<{ id: string }>`update orders set connected = ${connected}
        where id = ${orderId} and incarnation = ${incarnation}::integer returning id`.execute(transaction);
      return rows.length > 0;
    });
    log.debug('tunnel event', { ...event, isHeeded });
    if (isHeeded) wakeUp('monitor-instances', { orderIds: [orderId] });
  };
}
