import { Router } from 'express';
import type { Request } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { irregular, sameCategory, UNSUPPORTED_ATTRIBUTES } from '@fogbow/occi';
import type { OcciInput } from '@fogbow/occi';
import { forUser } from '../authenticate.js';
import type { OcciOptions } from './occi-options.js';
import { inputOf, negotiate, requireOcciBody, sendText } from './occi-request.js';
import { fixedResource } from './registry.js';
import { sendList } from './send-entities.js';

/** A collection that nothing can be put into yet. */
export interface UnbuiltCollection {
  readonly path: string;
  readonly term: string;
  readonly empty: string;
  /** What the orders are called in refusals. */
  readonly called: string;
  /** Throws for attributes that could never be right. */
  check(attributes: ReadonlyMap<string, string>): void;
}

const refuse = (message: string): never => { throw new FogbowError('unsupported-attribute', message); };

/** Spec §1.9, §1.10. The link comes before storage, whose path it begins with. */
export const UNBUILT: readonly UnbuiltCollection[] = [
  { path: '/storage/link', term: 'storagelink', empty: 'There are not storage links.', called: 'attachments', check: (attributes) => {
    if (!attributes.get('occi.core.source') || !attributes.get('occi.core.target')) refuse(UNSUPPORTED_ATTRIBUTES);
  } },
  { path: '/storage', term: 'storage', empty: 'There are no storage instances.', called: 'storage', check: (attributes) => {
    if (!attributes.get('occi.storage.size')) refuse('Storage size not found.');
    if (!/^[1-9]\d{0,8}$/.test(attributes.get('occi.storage.size') ?? '')) refuse(UNSUPPORTED_ATTRIBUTES);
  } },
  { path: '/network', term: 'network', empty: 'There are no network instances.', called: 'network', check: (attributes) => {
    if (!/^[\da-fA-F.:]+\/\d{1,3}$/.test(attributes.get('occi.network.address') ?? '')) refuse('Network address with invalid value');
    if (!/^[\da-fA-F.:]+$/.test(attributes.get('occi.network.gateway') ?? '')) refuse('Network gateway with invalid value');
    if (!['dynamic', 'static'].includes(attributes.get('occi.network.allocation') ?? '')) refuse('Network allocation with invalid value');
  } },
];

/** Lists are empty because nothing can be there; a POST is read as it will be and then refused with the reason. */
export function unbuiltRoutes({ authenticate }: OcciOptions, collection: UnbuiltCollection): Router {
  const router = Router();
  router.get('/', forUser(authenticate, 'order.read', (_user, request, response) => {
    sendList(request, response, { plain: () => collection.empty, uris: () => '\n', locations: () => [], entities: () => [] });
    return Promise.resolve();
  }));
  router.post('/', (request, response, next) => {
    const input = checked(request, collection);
    return forUser(authenticate, 'order.create', () => {
      collection.check(input.attributes());
      return refuse(`Orders for ${collection.called} are not offered yet; order compute.`);
    })(request, response, next);
  });
  const missing = (): never => { throw new FogbowError('not-found', 'Resource not found.'); };
  router.get('/:id', forUser(authenticate, 'order.read', missing));
  router.delete('/', forUser(authenticate, 'order.delete', (_user, _request, response) => {
    if (collection.term === 'storagelink') throw irregular();
    sendText(response, 'Ok');
    return Promise.resolve();
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', missing));
  return router;
}

function checked(request: Request, { term }: UnbuiltCollection): { attributes(): OcciInput['attributes'] } {
  negotiate(request, term === 'storagelink' ? ['text/plain'] : ['text/plain', 'text/occi']);
  const input = inputOf(request);
  if (!input.categories.some((category) => sameCategory(category, fixedResource(term)))) throw irregular();
  requireOcciBody(request);
  return input;
}
