import type { GrantsMade, GrantTunnels, TunnelEndpoint } from '@fogbow/queues';
import { makeGrant } from './make-grant.js';
import type { GrantDesk } from './make-grant.js';

/** Job grant-tunnels. Idempotent by the id of a grant: asked again, the answer has the same ports. */
export async function grantTunnels(desk: GrantDesk, hosts: { readonly own: TunnelEndpoint; all(): Pick<GrantsMade, 'endpoints' | 'alive'> }, { manager, grants }: GrantTunnels): Promise<GrantsMade> {
  const answers: GrantsMade['grants'][number][] = [];
  for (const wanted of grants) {
    const outcome = await makeGrant(desk, { manager }, wanted);
    if ('refused' in outcome) desk.log.warn('grant refused', { grantId: wanted.id, manager, why: outcome.refused });
    answers.push('refused' in outcome ? { id: wanted.id, refused: outcome.refused } : { id: wanted.id, services: outcome.grant.services });
  }
  return { endpoint: hosts.own, ...hosts.all(), grants: answers };
}
