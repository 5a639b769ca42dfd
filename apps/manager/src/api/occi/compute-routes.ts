import { Router } from 'express';
import type { Request, Response } from 'express';
import { FogbowError, isFogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import { irregular } from '@fogbow/occi';
import type { OrderRecord } from '../../orders/order-record.js';
import { forUser } from '../authenticate.js';
import { filterEntities, filterOf, isFiltering } from './filter-entities.js';
import { COMPUTE_ACTIONS, FEDERATED_INSTANCE } from './names.js';
import { actionsOf, inputOf, linksOf, negotiate, requireOcciBody, rootOf, send, sendText } from './occi-request.js';
import type { OcciOptions } from './occi-options.js';
import { checkComputeCategories, parseCompute } from './parse-compute.js';
import { computeEntity, computeName, renderCompute, renderComputeList } from './render-compute.js';
import type { ComputeView } from './render-compute.js';
import { sendEntity, sendList } from './send-entities.js';

/** OCCI under /compute (spec §1.8). */
export function occiComputeRoutes(options: OcciOptions): Router {
  const { authenticate, instances } = options;
  const router = Router();
  router.post('/', (request, response) => submit(options, request, response));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    sendEntity(request, response, computeEntity(await find(options, user, request, response), viewOf(options, request)), renderCompute);
  }));
  router.post('/:id', (request, response) => act(options, request, response));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    for (const order of await instances.list(user)) await instances.remove(order);
    sendText(response, 'Ok');
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await instances.remove(await find(options, user, request, response));
    sendText(response, 'Ok');
  }));
  return router;
}

const viewOf = ({ self, flavors, publicUrl }: OcciOptions, request: Request): ComputeView => ({ root: rootOf(request, publicUrl), self, flavors });

/** By `<instanceId>@<member>` or `federated_instance_<uuid>`. */
async function find({ instances, challenge }: OcciOptions, user: UserRef, request: Request, response: Response): Promise<OrderRecord> {
  const name = String(request.params['id']);
  if (name.startsWith(FEDERATED_INSTANCE)) return await instances.findByOrder(user, name.slice(FEDERATED_INSTANCE.length).split('@')[0] ?? '');
  const at = name.lastIndexOf('@');
  if (at < 1 || name.includes('\0')) throw new FogbowError('not-found', 'Resource not found.');
  return await instances.find(user, name.slice(0, at), name.slice(at + 1)).catch((error: unknown) => {
    if (isFogbowError(error) && error.code === 'unauthenticated') response.set('WWW-Authenticate', challenge);
    throw error;
  });
}

async function list(options: OcciOptions, user: UserRef, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request);
  const all = await options.instances.list(user);
  const view = viewOf(options, request);
  const found = isFiltering(filter) ? filterEntities(all, filter, (order) => computeEntity(order, view)) : all;
  const names = found.map(computeName);
  const locations = (): string[] => names.map((name) => `${view.root}/compute/${name}`);
  sendList(request, response, {
    plain: () => renderComputeList(names, view.root),
    uris: () => `${locations().join('\n')}\n`,
    locations,
    entities: () => found.map((order) => computeEntity(order, view)),
  });
}

/** With Accept text/plain the location stands in the body, else in its header (spec §1.8). */
async function submit(options: OcciOptions, request: Request, response: Response): Promise<void> {
  const type = negotiate(request, ['text/occi', 'text/plain']);
  const links = linksOf(request);
  const input = inputOf(request);
  checkComputeCategories(input.categories, options.extraResources);
  requireOcciBody(request);
  const user = await options.authenticate(request, response, 'order.create');
  if (links.length > 0) throw new FogbowError('not-found', 'Resource not found.');
  const flavorNames = options.flavors.map(({ name }) => name);
  const [id] = await options.orders.submit(parseCompute(user, { categories: input.categories, attributes: input.attributes() }, options.extraResources, flavorNames));
  const location = `${rootOf(request, options.publicUrl)}/compute/${FEDERATED_INSTANCE}${id}`;
  if (type === 'text/plain') return sendText(response, `X-OCCI-Location: ${location}`, 201);
  send(response, type, { headers: { Location: location }, body: 'Ok' }, 201);
}

/** POST /compute/ID?action=stop with the category of the action. */
async function act(options: OcciOptions, request: Request, response: Response): Promise<void> {
  const asked = request.query['action'];
  if (asked === undefined) throw new FogbowError('method-not-allowed', 'Method not supported.');
  const categories = actionsOf(request);
  const action = POWER_ACTIONS.find((one) => one === asked);
  if (!action || categories.some(({ term, scheme, class: kind }) => kind !== 'action' || scheme !== COMPUTE_ACTIONS || term !== action)) throw irregular();
  const user = await options.authenticate(request, response, 'order.create');
  await options.instances.act(await find(options, user, request, response), action);
  sendText(response, 'Ok');
}
