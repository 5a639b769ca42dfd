import { Router } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { requireOcci } from './occi-request.js';

/** GET /token with credentials in headers (spec §1.11). No identity plugin here issues tokens, which the answer says. */
export function occiTokenRoutes(): Router {
  const router = Router();
  router.get('/', (request) => {
    requireOcci(request);
    throw new FogbowError('method-not-allowed', 'This member issues no tokens: its users get theirs from the operator.');
  });
  return router;
}
