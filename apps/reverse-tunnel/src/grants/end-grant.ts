import { inTurn } from './in-turn.js';
import type { GrantDesk } from './make-grant.js';
import type { StoredGrant } from './stored-grant.js';

/** Ends a grant: its machine is cut off and cannot come back, and its ports rest until they are free. */
export const endGrant = (desk: GrantDesk, { id }: StoredGrant, why: string): Promise<void> => inTurn(desk, id, async () => {
  // As it is now that its turn has come.
  const grant = desk.store.get(id);
  if (!grant) return;
  await desk.store.remove(grant.id);
  desk.sessions.cut(grant.id, why);
  for (const { port } of grant.services) desk.ports.table.release(port, desk.ports.now());
  desk.log.info('grant ended', { grantId: grant.id, manager: grant.manager, why });
});
