import { Router } from 'express';
import type { Request, Response } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { headerText, identifierOf, parseCategories, queryJson, renderResource, sameCategory } from '@fogbow/occi';
import type { Resource } from '@fogbow/occi';
import { forUser } from '../authenticate.js';
import { headerValues, JSON_TYPE, negotiate, rootOf, send } from './occi-request.js';
import type { OcciOptions } from './occi-options.js';
import { imageResource, located, registry } from './registry.js';
import { checkHeaderSize } from './send-entities.js';

/** The query interface (spec §1.11): what there is to order and how it is called. */
export function occiQueryRoutes(options: OcciOptions): Router {
  const router = Router();
  router.get('/', forUser(options.authenticate, 'member.read', async (_user, request, response) => {
    const type = negotiate(request, ['text/plain', 'text/occi', JSON_TYPE]);
    const root = rootOf(request, options.publicUrl);
    const resources = [...registry(options.flavors.map(({ name }) => name)), ...await imagesOf(options, request, type)];
    const all = resources.map((resource) => located(resource, root));
    answer(response, type, narrowed(all, request));
  }));
  return router;
}

const IMAGES_TIMEOUT_MS = 5000;
const CLEAN = /^[^\s"#;=,]{1,200}$/;

/** Those of our cloud, for clients that read JSON: originals know the images of their configuration only, and many would not fit into headers. */
async function imagesOf({ images, log }: OcciOptions, request: Request, type: string): Promise<readonly Resource[]> {
  if (type !== JSON_TYPE) return [];
  const found = await images(AbortSignal.timeout(IMAGES_TIMEOUT_MS)).catch((error: unknown) => {
    log.warn('the cloud does not tell its images', { requestId: request.res?.locals['requestId'], error });
    return [];
  });
  return found.filter(({ name }) => CLEAN.test(name)).map(({ name }) => imageResource(name));
}

function answer(response: Response, type: 'text/plain' | 'text/occi' | typeof JSON_TYPE, resources: readonly Resource[]): void {
  if (type === JSON_TYPE) return send(response, type, { headers: {}, body: JSON.stringify(queryJson(resources)) });
  if (type === 'text/plain') return send(response, type, { headers: {}, body: `\n${resources.map((resource) => `Category: ${renderResource(resource)}`).join('\n')}` });
  const header = headerText(resources.map(renderResource).join(', '));
  checkHeaderSize([header]);
  send(response, type, { headers: { Category: header }, body: 'Ok' });
}

/** The named categories and those that point at them: resource_tpl also finds the flavors. */
function narrowed(all: readonly Resource[], request: Request): readonly Resource[] {
  const wanted = parseCategories(headerValues(request, 'category'));
  if (wanted.length === 0) return all;
  const found = all.filter((resource) => wanted.some((one) => sameCategory(one, resource) || resource.rel === identifierOf(one)));
  if (found.length === 0) throw new FogbowError('unknown-category', 'The following category is not registered.');
  return found;
}
