import { z } from 'zod';
import type { SizeOf } from '../../accounting/machine-size.js';
import { endpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { orderCollection } from './order-collection.js';
import type { OrderApi } from './order-collection.js';
import { computeSchema, computeWithHistorySchema, explanationSchema, newComputeSchema, newOrderSchema, orderSchema, orderWithHistorySchema } from './order-schemas.js';
import { renderCompute } from './render-compute.js';
import { renderOrder } from './render-order.js';

/** /v1/orders, and beside it one collection for each kind that can be ordered. */
export function orderEndpoints(api: OrderApi, sizeOf: SizeOf): Endpoint[] {
  return [
    ...orderCollection(api, { name: 'orders', one: 'order', newItem: newOrderSchema, item: orderSchema, itemWithHistory: orderWithHistorySchema, render: renderOrder }),
    deleteAll(api),
    explain(api),
    ...orderCollection(api, {
      name: 'computes', one: 'compute', kind: 'compute', newItem: newComputeSchema, item: computeSchema, itemWithHistory: computeWithHistorySchema, render: (order) => renderCompute(order, sizeOf),
    }),
  ];
}

function deleteAll({ orders }: OrderApi): Endpoint {
  return endpoint({
    method: 'delete', path: '/v1/orders', group: 'orders', action: 'order.delete', summary: 'Delete all your orders',
    answers: { 200: { meaning: 'How many there were.', body: z.strictObject({ deleted: z.number().int() }) } },
    handle: async ({ user }) => ({ body: { deleted: await orders.removeAll(user) } }),
  });
}

function explain({ orders }: OrderApi): Endpoint {
  return endpoint({
    method: 'get', path: '/v1/orders/{id}/explanation', group: 'orders', action: 'order.read', summary: 'Why an order is where it is, and not elsewhere',
    answers: { 200: { meaning: 'What the last placement said about each member.', body: explanationSchema }, 404: { meaning: 'There is none, or it is not yours.' } },
    async handle({ user, param }) {
      const { id, state, reason, failure, explanation } = (await orders.show(user, param('id'))).order;
      return { body: { id, state, reason, failure, placement: explanation } };
    },
  });
}
