import { json, Router } from 'express';
import type { Request } from 'express';
import type { z } from 'zod';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Submission } from '../../orders/submit-orders.js';
import type { UserRef } from '@fogbow/request-model';
import { forUser } from '../authenticate.js';
import type { Authenticate } from '../authenticate.js';
import type { OrderUseCases } from '../order-use-cases.js';
import { listOrdersSchema, newOrderSchema } from './order-schemas.js';
import { renderHistory, renderOrder } from './render-order.js';

const BODY_LIMIT = '1mb';

/** JSON under /v1/orders: parse → one use case → render. */
export function orderRoutes(authenticate: Authenticate, orders: OrderUseCases): Router {
  const router = Router();
  router.post('/', json({ limit: BODY_LIMIT, strict: true }), forUser(authenticate, 'order.create', async (user, request, response) => {
    const ids = await orders.submit(submissionOf(user, request));
    response.status(201).location(ids.length === 1 ? `/v1/orders/${ids[0]}` : '/v1/orders').json({ ids, orders: ids.map((id) => ({ id, href: `/v1/orders/${id}` })) });
  }));
  router.get('/', forUser(authenticate, 'order.read', async (user, request, response) => {
    const { limit, cursor, state, batch } = parse(listOrdersSchema, request.query);
    const page = await orders.list(user, { limit, ...(cursor ? { cursor } : {}), ...(state ? { states: state } : {}), ...(batch ? { batchId: batch } : {}) });
    response.json({ orders: page.orders.map(renderOrder), next: page.next });
  }));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    const { order, history } = await orders.show(user, String(request.params['id']));
    response.json({ ...renderOrder(order), history: renderHistory(history) });
  }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    await orders.remove(user, String(request.params['id']));
    response.status(204).end();
  }));
  router.delete('/', forUser(authenticate, 'order.delete', async (user, _request, response) => {
    response.json({ deleted: await orders.removeAll(user) });
  }));
  return router;
}

function submissionOf(owner: UserRef, request: Request): Submission {
  if (!request.is('application/json')) throw new FogbowError('unsupported-media-type', 'Send the order as application/json.');
  const { count, kind, type, validFrom, validUntil, ...spec } = parse(newOrderSchema, request.body);
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as Submission['spec'];
  return {
    owner, count, kind, type, spec: given,
    ...(validFrom ? { validFrom: new Date(validFrom) } : {}), ...(validUntil ? { validUntil: new Date(validUntil) } : {}),
  };
}

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
  throw new FogbowError('unsupported-attribute', faults.join('; '));
}
