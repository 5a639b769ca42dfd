import { Router } from 'express';
import type { Request, Response } from 'express';
import type { UserRef } from '@fogbow/request-model';
import type { ListedOrder } from '../../orders/order-record.js';
import { forUser } from '../authenticate.js';
import type { OrderUseCases } from '../order-use-cases.js';
import { filterEntities, filterOf, isFiltering } from './filter-entities.js';
import { networksOf } from './instance-names.js';
import { PRESENT } from './names.js';
import type { Dialect } from './names.js';
import { inputOf, linksOf, negotiate, requireOcciBody, rootOf, sendText, send } from './occi-request.js';
import type { OcciOptions } from './occi-options.js';
import { checkOrderCategories, parseOrder } from './parse-order.js';
import { orderEntity, renderOrder, renderOrderList, renderOrderUris } from './render-order.js';
import { sendEntity, sendList } from './send-entities.js';
import { submitKeyed } from './submit-keyed.js';

/** OCCI under /order and its name of 2014 (spec §1.3 to §1.7). */
export function occiOrderRoutes(options: OcciOptions, dialect: Dialect): Router {
  const { authenticate, orders, publicUrl } = options;
  const router = Router();
  router.post('/', (request, response) => submit(options, dialect, request, response));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, dialect, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    const { order } = await orders.show(user, String(request.params['id']));
    sendEntity(request, response, orderEntity(order, rootOf(request, publicUrl), dialect), renderOrder);
  }));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    await orders.removeAll(user);
    sendText(response, 'Ok');
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await orders.remove(user, String(request.params['id']));
    sendText(response, 'Ok');
  }));
  return router;
}

/** The order of the checks is the original's (spec §1.5): clients see the same fault first. */
async function submit(options: OcciOptions, { path }: Dialect, request: Request, response: Response): Promise<void> {
  const type = negotiate(request, ['text/plain', 'text/occi']);
  const links = linksOf(request);
  const input = inputOf(request);
  checkOrderCategories(input.categories, options.flavors.map(({ name }) => name));
  requireOcciBody(request);
  const user = await options.authenticate(request, response, 'order.create');
  const networkOrderIds = await networksOf(options, user, links);
  const ids = await submitKeyed(options, request, parseOrder(user, { categories: input.categories, attributes: input.attributes() }, networkOrderIds));
  const base = rootOf(request, options.publicUrl) + path;
  send(response, type, { headers: { Location: ids.map((id) => `${base}/${id}`).join(',') }, body: 'Ok' }, 201);
}

async function list(options: OcciOptions, dialect: Dialect, user: UserRef, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request);
  const all = await allOrders(options.orders, user);
  const root = rootOf(request, options.publicUrl);
  const found = isFiltering(filter) ? filterEntities(all, filter, (order) => orderEntity(order, root, PRESENT)) : all;
  const base = root + dialect.path;
  const verbose = request.query['verbose'] === 'true';
  sendList(request, response, {
    plain: () => renderOrderList(found, base, verbose, dialect),
    uris: () => renderOrderUris(found, base, verbose, dialect),
    locations: () => found.map((order) => `${base}/${order.id}`),
    entities: () => found.map((order) => orderEntity(order, root, dialect)),
  });
}

const PAGE = 500;

/** OCCI knows no pages. */
async function allOrders(orders: OrderUseCases, user: UserRef): Promise<readonly ListedOrder[]> {
  const found: ListedOrder[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await orders.list(user, { limit: PAGE, ...(cursor ? { cursor } : {}) });
    found.push(...page.orders);
    if (!(cursor = page.next)) return found;
  }
}
