import { Router } from 'express';
import type { Request, Response } from 'express';
import { FogbowError, isFogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import { irregular } from '@fogbow/occi';
import { forUser } from '../authenticate.js';
import { filterEntities, filterOf, isFiltering } from './filter-entities.js';
import { instanceName, instanceOf, networksOf, promisedName } from './instance-names.js';
import { COMPUTE_ACTIONS } from './names.js';
import { actionsOf, inputOf, JSON_TYPE, linksOf, negotiate, requireOcciBody, rootOf, send, sendText } from './occi-request.js';
import type { OcciOptions } from './occi-options.js';
import { checkComputeCategories, parseCompute } from './parse-compute.js';
import { computeEntity, renderCompute, renderComputeList } from './render-compute.js';
import type { ComputeView } from './render-compute.js';
import { LIST_TYPES, sendEntity, sendList } from './send-entities.js';
import { submitKeyed } from './submit-keyed.js';

/** OCCI under /compute (spec §1.8). */
export function occiComputeRoutes(options: OcciOptions): Router {
  const { authenticate, instances } = options;
  const router = Router();
  router.post('/', (request, response) => submit(options, request, response));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    const order = await instanceOf(options, 'compute', user, request, response);
    const state = await options.machineState(order, AbortSignal.timeout(STATE_TIMEOUT_MS));
    sendEntity(request, response, computeEntity(order, viewOf(options, request), state), renderCompute);
  }));
  router.post('/:id', (request, response) => act(options, request, response));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    await instances.removeAll(user, 'compute').catch(refuseAttached);
    sendText(response, 'Ok');
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await instances.remove(await instanceOf(options, 'compute', user, request, response)).catch(refuseAttached);
    sendText(response, 'Ok');
  }));
  return router;
}

const viewOf = ({ self, flavors, publicUrl }: OcciOptions, request: Request): ComputeView => ({ root: rootOf(request, publicUrl), self, flavors });

/** How long the cloud may take to tell a machine's state; without an answer the order's stands for it. */
const STATE_TIMEOUT_MS = 5000;

/** Spec §1.8 answers 400 there. */
function refuseAttached(error: unknown): never {
  if (!isFogbowError(error) || error.code !== 'conflict' || !error.ids) throw error;
  throw new FogbowError('unsupported-attribute', `Remove operation aborted. There are attachments in use. Attachment IDs : ${error.ids.join(', ')}`);
}

async function list(options: OcciOptions, user: UserRef, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request);
  const all = await options.instances.list(user, 'compute');
  const view = viewOf(options, request);
  // Clients of JSON watch all their machines by one list.
  const isShown = negotiate(request, LIST_TYPES) === JSON_TYPE;
  const states = isShown ? await options.machineStates(all, AbortSignal.timeout(STATE_TIMEOUT_MS)) : new Map<string, never>();
  const found = isFiltering(filter) ? filterEntities(all, filter, (order) => computeEntity(order, view, states.get(order.id))) : all;
  const names = found.map(instanceName);
  const locations = (): string[] => names.map((name) => `${view.root}/compute/${name}`);
  sendList(request, response, {
    plain: () => renderComputeList(names, view.root),
    uris: () => `${locations().join('\n')}\n`,
    locations,
    entities: () => found.map((order) => computeEntity(order, view, states.get(order.id))),
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
  const networkOrderIds = await networksOf(options, user, links);
  const flavorNames = options.flavors.map(({ name }) => name);
  const wish = parseCompute(user, { categories: input.categories, attributes: input.attributes() }, options.extraResources, flavorNames);
  const [id = ''] = await submitKeyed(options, request, { ...wish, spec: { ...wish.spec, ...(networkOrderIds.length > 0 ? { networkOrderIds } : {}) } });
  const location = `${rootOf(request, options.publicUrl)}/compute/${promisedName('compute', id)}`;
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
  await options.instances.act(await instanceOf(options, 'compute', user, request, response), action);
  sendText(response, 'Ok');
}
