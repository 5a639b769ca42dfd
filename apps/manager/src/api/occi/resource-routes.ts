import { Router } from 'express';
import type { Request, Response } from 'express';
import type { UserRef } from '@fogbow/request-model';
import { irregular, renderEntityLines, sameCategory } from '@fogbow/occi';
import type { Entity } from '@fogbow/occi';
import type { OrderRecord } from '../../orders/order-record.js';
import { forUser } from '../authenticate.js';
import { filterEntities, filterOf, isFiltering } from './filter-entities.js';
import { instanceName, instanceOf, promisedName } from './instance-names.js';
import type { OcciOptions } from './occi-options.js';
import { inputOf, isJson, negotiate, requireOcciBody, rootOf, send, sendText } from './occi-request.js';
import { orderFacts } from './order-facts.js';
import { specOf } from './parse-order.js';
import { fixedResource, located } from './registry.js';
import { filled } from './resource-collections.js';
import type { ResourceCollection } from './resource-collections.js';
import { sendEntity, sendList } from './send-entities.js';
import { submitKeyed } from './submit-keyed.js';

/** OCCI under /storage and /network (spec §1.9, §1.10). */
export function occiResourceRoutes(options: OcciOptions, collection: ResourceCollection): Router {
  const { authenticate, instances } = options;
  const { kind } = collection;
  const router = Router();
  router.post('/', (request, response) => submit(options, collection, request, response));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, collection, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    sendEntity(request, response, entityOf(collection, await instanceOf(options, kind, user, request, response), rootOf(request, options.publicUrl)), (entity) => renderEntityLines(entity));
  }));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    await instances.removeAll(user, kind);
    sendText(response, 'Ok');
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await instances.remove(await instanceOf(options, kind, user, request, response));
    sendText(response, 'Ok');
  }));
  return router;
}

function entityOf({ term, attributes }: ResourceCollection, order: OrderRecord, root: string): Entity {
  return { id: instanceName(order), title: order.spec.title, kind: located(fixedResource(term), root), mixins: [], links: [], attributes: filled(attributes(order)), beyond: orderFacts(order) };
}

async function submit(options: OcciOptions, { kind, term, parse }: ResourceCollection, request: Request, response: Response): Promise<void> {
  const type = negotiate(request, ['text/plain', 'text/occi']);
  const input = inputOf(request);
  if (!input.categories.some((category) => sameCategory(category, fixedResource(term)))) throw irregular();
  requireOcciBody(request);
  const user = await options.authenticate(request, response, 'order.create');
  const attributes = input.attributes();
  const spec = { asInstance: true as const, ...specOf({ title: attributes.get('occi.core.title') }), ...parse(attributes, isJson(request)) };
  const [id = ''] = await submitKeyed(options, request, { owner: user, count: 1, kind, type: 'one-time', spec });
  send(response, type, { headers: { Location: `${rootOf(request, options.publicUrl)}/${term}/${promisedName(kind, id)}` }, body: 'Ok' }, 201);
}

async function list(options: OcciOptions, collection: ResourceCollection, user: UserRef, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request);
  const root = rootOf(request, options.publicUrl);
  const all = await options.instances.list(user, collection.kind);
  const found = isFiltering(filter) ? filterEntities(all, filter, (order) => entityOf(collection, order, root)) : all;
  const locations = (): string[] => found.map((order) => `${root}/${collection.term}/${instanceName(order)}`);
  sendList(request, response, {
    plain: () => (found.length === 0 ? collection.empty : locations().map((location) => `X-OCCI-Location: ${location}`).join('\n')),
    uris: () => `${locations().join('\n')}\n`,
    locations,
    entities: () => found.map((order) => entityOf(collection, order, root)),
  });
}
