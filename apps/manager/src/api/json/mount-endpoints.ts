import { Router } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Authenticate } from '../authenticate.js';
import type { Endpoint } from './endpoint.js';

/** A router over the endpoints. Another method on one of their paths is refused with those that there are. */
export function mountEndpoints(endpoints: readonly Endpoint[], authenticate: Authenticate): Router {
  const router = Router();
  for (const [path, ofPath] of groupByPath(endpoints)) {
    const route = router.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const one of ofPath) route[one.method]((request, response) => one.run(request, response, authenticate));
    const allowed = ofPath.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
    route.all((_request, response, next) => {
      response.set('Allow', allowed);
      next(new FogbowError('method-not-allowed', `${path} can be asked with ${allowed}.`));
    });
  }
  return router;
}

function groupByPath(endpoints: readonly Endpoint[]): Map<string, Endpoint[]> {
  const paths = new Map<string, Endpoint[]>();
  for (const one of endpoints) paths.set(one.path, [...paths.get(one.path) ?? [], one]);
  return paths;
}
