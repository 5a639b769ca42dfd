import type { RevokeTunnels } from '@fogbow/queues';
import { endGrant } from './end-grant.js';
import type { GrantDesk } from './make-grant.js';

/** Job revoke-tunnels. Unknown grants, and those of other Managers, are passed over. */
export async function revokeTunnels(desk: GrantDesk, { manager, ids }: RevokeTunnels): Promise<void> {
  for (const id of ids) {
    const grant = desk.store.get(id);
    if (grant?.manager === manager) await endGrant(desk, grant, 'revoked');
  }
}
