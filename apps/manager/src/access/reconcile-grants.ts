import type { JobQueues } from '@fogbow/queues';
import type { GrantStore } from './grant-store.js';

// A machine that is being made has its grant before its order says so.
const SETTLED_MS = 600_000;

/** Use case: tells the tunnel the whole truth about our grants, so that whatever it lost comes back on the same ports. */
export function createReconcileGrants(options: { readonly self: string; readonly store: GrantStore; readonly tunnelQueues: JobQueues }): () => Promise<void> {
  return async () => {
    await options.store.removeUnneeded(SETTLED_MS);
    const { grants, asOf } = await options.store.all();
    await options.tunnelQueues.add('replace-tunnels', {
      manager: options.self,
      grants: grants.map(({ id, secretHash, owner, services }) => ({ id, secretHash, owner, services })),
      asOf: asOf.toISOString(),
    });
  };
}
