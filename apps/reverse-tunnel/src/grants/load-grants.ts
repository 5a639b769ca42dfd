import { backoff } from '@fogbow/service-runtime';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { GrantStore } from './grant-store.js';
import type { PortTable } from '../ports/port-table.js';

/** Reads the grants of an earlier process, waiting for Redis as long as it takes, and takes their ports back. */
export async function loadGrants(store: GrantStore, table: PortTable, { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal }): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await store.load();
      break;
    } catch (error) {
      // The first tries only mean that the connection is not up yet.
      if (attempt === 5) log.warn('waiting for Redis', { error });
      await clock.sleep(backoff(attempt, 20, 2000), signal);
    }
  }
  for (const grant of store.all()) {
    for (const { port } of grant.services) {
      const refused = table.restore(port, grant.id);
      if (refused) log.error('two stored grants have one port', { grantId: grant.id, port });
    }
  }
  log.info('grants loaded', { grants: store.all().length });
}
