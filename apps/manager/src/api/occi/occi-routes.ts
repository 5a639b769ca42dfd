import { json, Router } from 'express';
import type { NextFunction, Request, Response } from 'express';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import { occiComputeRoutes } from './compute-routes.js';
import { occiMemberRoutes } from './member-routes.js';
import { OF_2014, PRESENT } from './names.js';
import { JSON_TYPE } from './occi-request.js';
import { occiErrorHandler } from './occi-errors.js';
import type { OcciOptions } from './occi-options.js';
import { occiOrderRoutes } from './order-routes.js';
import { occiQueryRoutes } from './query-routes.js';
import { occiTokenRoutes } from './token-routes.js';
import { NETWORK, STORAGE } from './resource-collections.js';
import { occiResourceRoutes } from './resource-routes.js';
import { occiStorageLinkRoutes } from './storage-link-routes.js';

const BODY_LIMIT = '1mb';

/** Paths below a mount that there are; others are not found, whatever the method. */
const COLLECTION_AND_ONE = /^\/[^/]*\/?$/;
const ITSELF = /^\/$/;
const OF_MEMBERS = /^\/(?:[^/]+\/(?:quota|usage)\/?|accounting(?:\/(?:compute|storage))?\/?)?$/;

/** The whole OCCI face (spec §1.2), each path with its own methods. */
export function occiRoutes(options: OcciOptions): Router {
  const router = Router();
  const mount = (path: string, routes: Router, methods: string, there = COLLECTION_AND_ONE): void => void router.use(path,
    json({ type: JSON_TYPE, limit: BODY_LIMIT }),
    routes,
    (request: Request, _response: Response, next: NextFunction) =>
      next(there.test(request.path) ? new FogbowError('method-not-allowed', 'Method not supported.') : new FogbowError('not-found', 'Resource not found.')),
    (error: unknown, _request: Request, response: Response, next: NextFunction) => {
      if (isFogbowError(error) && error.code === 'method-not-allowed') response.set('Allow', methods);
      next(error);
    },
    occiErrorHandler(options.log));
  for (const dialect of [PRESENT, OF_2014]) mount(dialect.path, occiOrderRoutes(options, dialect), 'GET, HEAD, POST, DELETE');
  mount('/compute', occiComputeRoutes(options), 'GET, HEAD, POST, DELETE');
  // The link comes before storage, whose path it begins with.
  mount('/storage/link', occiStorageLinkRoutes(options), 'GET, HEAD, POST, DELETE');
  for (const collection of [STORAGE, NETWORK]) mount(`/${collection.term}`, occiResourceRoutes(options, collection), 'GET, HEAD, POST, DELETE');
  mount('/member', occiMemberRoutes(options), 'GET, HEAD', OF_MEMBERS);
  mount('/token', occiTokenRoutes(), '', ITSELF);
  for (const path of ['/-', '/.well-known/org/ogf/occi/-']) mount(path, occiQueryRoutes(options), 'GET, HEAD', ITSELF);
  return router;
}
