import { Router } from 'express';
import type { ListMembers } from '../../members/list-members.js';
import { forUser } from '../authenticate.js';
import type { Authenticate } from '../authenticate.js';

/** JSON: GET /v1/members and GET /v1/me. */
export function memberRoutes(authenticate: Authenticate, members: ListMembers): Router {
  const router = Router();
  router.get('/members', forUser(authenticate, 'member.read', async (_user, _request, response) => {
    response.json({ members: await members() });
  }));
  router.get('/me', forUser(authenticate, 'member.read', async (user, _request, response) => {
    response.json(user);
    return Promise.resolve();
  }));
  return router;
}
