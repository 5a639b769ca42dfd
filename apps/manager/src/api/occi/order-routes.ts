import { Router } from 'express';
import type { Request, Response } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import { splitOutsideQuotes } from '@fogbow/occi';
import type { Logger } from '@fogbow/service-runtime';
import { forUser } from '../authenticate.js';
import type { Authenticate } from '../authenticate.js';
import type { OrderUseCases } from '../order-use-cases.js';
import { occiErrorHandler } from './occi-errors.js';
import { parseOrder } from './parse-order.js';
import { renderOrder, renderOrderList, renderOrderUris } from './render-order.js';

export interface OcciOptions {
  readonly authenticate: Authenticate;
  readonly orders: OrderUseCases;
  /** Base of the locations in answers; absent: the host that the client spoke to. */
  readonly publicUrl?: string;
  readonly flavorNames: readonly string[];
  readonly log: Logger;
}

const PAGE = 500;
const POST_ANSWERS = ['text/plain', 'text/occi'];

/** OCCI text under /order (spec §1.3 to §1.7). */
export function occiOrderRoutes(options: OcciOptions): Router {
  const { authenticate, orders } = options;
  const router = Router();
  router.post('/', (request, _response, next) => { negotiate(request, POST_ANSWERS); next(); },
    forUser(authenticate, 'order.create', (user, request, response) => submit(options, user, request, response)));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    negotiate(request, ['text/plain']);
    const { order } = await orders.show(user, String(request.params['id']));
    response.type('text/plain').send(renderOrder(order));
  }));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    await orders.removeAll(user);
    response.type('text/plain').send('Ok');
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await orders.remove(user, String(request.params['id']));
    response.type('text/plain').send('Ok');
  }));
  router.use(() => { throw new FogbowError('method-not-allowed', 'Method not supported.'); });
  router.use(occiErrorHandler(options.log));
  return router;
}

async function submit(options: OcciOptions, user: UserRef, request: Request, response: Response): Promise<void> {
  if (request.get('Content-Type')?.split(';')[0]?.trim() !== 'text/occi') throw new FogbowError('bad-syntax', 'Irregular Syntax.');
  const submission = parseOrder(user, {
    categories: headerValues(request, 'category').flatMap((value) => splitOutsideQuotes(value, ',')),
    attributes: headerValues(request, 'x-occi-attribute'),
  }, options.flavorNames);
  const ids = await options.orders.submit(submission);
  response.status(201).set('Location', ids.map((id) => `${baseOf(options, request)}/${id}`).join(','));
  response.type(negotiate(request, POST_ANSWERS) ?? 'text/plain').send('Ok');
}

async function list(options: OcciOptions, user: UserRef, request: Request, response: Response): Promise<void> {
  const accept = negotiate(request, ['text/plain', 'text/uri-list']);
  const found = [];
  for (let cursor: string | undefined; ;) {
    const page = await options.orders.list(user, { limit: PAGE, ...(cursor ? { cursor } : {}) });
    found.push(...page.orders);
    if (!(cursor = page.next)) break;
  }
  const verbose = request.query['verbose'] === 'true';
  const render = accept === 'text/uri-list' ? renderOrderUris : renderOrderList;
  response.type(accept ?? 'text/plain').send(render(found, baseOf(options, request), verbose));
}

/** All values of a repeatable header; Node would join them and lose where one ends. */
function headerValues(request: Request, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) values.push(request.rawHeaders[index + 1] ?? '');
  }
  return values;
}

/** The media types that the client takes; none where it takes any (spec §1.3). */
function acceptedTypes(request: Request): string[] {
  const types = (request.get('Accept') ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '').filter(Boolean);
  return types.includes('*/*') ? [] : types;
}

/** The first of the offered types that the client takes; refuses when it takes none of them. */
function negotiate(request: Request, offered: readonly string[]): string | undefined {
  const accepted = acceptedTypes(request);
  const chosen = accepted.length === 0 ? undefined : accepted.find((type) => offered.includes(type));
  if (accepted.length > 0 && !chosen) throw notAcceptable();
  return chosen;
}

const notAcceptable = (): FogbowError => new FogbowError('not-acceptable', 'Accept not acceptable.');

/** `<host>/order`: the configured public URL, else the host that the client spoke to. */
function baseOf(options: OcciOptions, request: Request): string {
  const root = options.publicUrl ?? `${request.protocol}://${request.get('Host') ?? 'localhost'}`;
  return `${root.replace(/\/$/, '')}${request.baseUrl}`;
}
