import { Router } from 'express';
import type { Request } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId, UserRef } from '@fogbow/request-model';
import { forUser } from '../authenticate.js';
import { negotiate, requireOcci, sendText } from './occi-request.js';
import type { FederationFacts, OcciOptions } from './occi-options.js';
import { accountingEntries, renderAccounting, renderQuota, renderUsage, usageOf } from './render-member.js';

const TIMEOUT_MS = 30_000;

/** OCCI under /member (spec §1.11). */
export function occiMemberRoutes({ authenticate, federation, self }: OcciOptions): Router {
  const router = Router();
  router.get('/', (request, response, next) => {
    requireOcci(request);
    return forUser(authenticate, 'member.read', async (_user, _request, answer) => {
      const members = await federation.members();
      sendText(answer, members.filter(({ alive }) => alive).map(({ id }) => id).join('\n'));
    })(request, response, next);
  });
  for (const kind of ['compute', 'storage'] as const) {
    // The original's own command line asks without saying of what.
    router.get(kind === 'compute' ? ['/accounting', '/accounting/compute'] : '/accounting/storage', forUser(authenticate, 'member.read', async (user, request, response) => {
      const type = negotiate(request, ['text/plain', 'application/json']);
      requireAdmin(federation, user);
      const accounting = accountingEntries(await federation.accounting({ kind }));
      if (type === 'application/json') response.json({ accounting });
      else sendText(response, renderAccounting(accounting));
    }));
  }
  router.get('/:id/quota', forUser(authenticate, 'member.read', async (user, request, response) => {
    const member = await knownMember(federation, request);
    sendText(response, renderQuota(await federation.quota(user, member, AbortSignal.timeout(TIMEOUT_MS))));
  }));
  router.get('/:id/usage', forUser(authenticate, 'member.read', async (_user, request, response) => {
    const member = await knownMember(federation, request);
    const lines = await federation.accounting({ requester: self, provider: member });
    sendText(response, renderUsage(member, usageOf(lines, 'compute'), usageOf(lines, 'storage')));
  }));
  return router;
}

async function knownMember({ members }: FederationFacts, request: Request): Promise<MemberId> {
  const id = String(request.params['id']);
  if (!(await members()).some((member) => member.id === id)) throw new FogbowError('not-found', 'Resource not found.');
  return id;
}

function requireAdmin({ isAdmin }: FederationFacts, user: UserRef): void {
  if (!isAdmin(user)) throw new FogbowError('forbidden', "You don't have necessary permissions for the resource.");
}
