import type { ReplaceTunnels } from '@fogbow/queues';
import { isFogbowError } from '@fogbow/plugin-contracts';
import { announceServices } from './change-services.js';
import { endGrant } from './end-grant.js';
import { makeGrant } from './make-grant.js';
import type { GrantDesk } from './make-grant.js';
import { isNewsToManager } from './merge-services.js';

/**
 * A grant younger than this when the list was drawn up is not ended: the Manager may not have written it down yet, and
 * the two clocks may differ a little. A later list ends it.
 */
export const SETTLE_MS = 10_000;

/**
 * Job replace-tunnels: the Manager's whole truth. First what it no longer has is ended, so that its ports do not stand
 * in the way, then what is missing is made, then the Manager hears again which services are up, should an event have been lost.
 */
export async function replaceTunnels(desk: GrantDesk, { manager, grants, asOf }: ReplaceTunnels): Promise<void> {
  // What other hosts did is known before it is judged.
  await desk.store.heal();
  const listed = new Set(grants.map((grant) => grant.id));
  const before = Date.parse(asOf) - SETTLE_MS;
  for (const grant of desk.store.all()) {
    if (grant.manager === manager && !listed.has(grant.id) && Date.parse(grant.madeAt) < before) await endGrant(desk, grant, 'not in the list of the Manager');
  }
  for (const wanted of grants) {
    const outcome = await makeGrant(desk, { manager, byList: true }, wanted).catch(endedMeanwhile);
    if (!outcome) continue;
    if ('refused' in outcome) desk.log.error('a grant of the Manager cannot be restored', { grantId: wanted.id, manager, why: outcome.refused });
    else if (isNewsToManager(wanted.services, outcome.grant.services)) announceServices(desk, outcome.grant);
  }
  desk.sessions.announce([...listed]);
}

/** The list was on its way when this one was revoked, maybe at another host. */
function endedMeanwhile(error: unknown): undefined {
  if (!isFogbowError(error) || error.code !== 'not-found') throw error;
}
