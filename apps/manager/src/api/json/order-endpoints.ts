import { z } from 'zod';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ActOnMachine } from '../../orders/act-on-machine.js';
import type { AskMachineState } from '../../monitoring/ask-machine-state.js';
import { endpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { orderCollection } from './order-collection.js';
import type { OrderApi } from './order-collection.js';
import {
  actionSchema, attachmentItemSchema, computeSchema, computeWithHistorySchema, explanationSchema, networkItemSchema, newAttachmentSchema, newComputeSchema, newNetworkSchema,
  newOrderSchema, newVolumeSchema, orderSchema, orderWithHistorySchema, volumeSchema, withHistory,
} from './order-schemas.js';
import { renderCompute } from './render-compute.js';
import type { MachineWorth } from './render-compute.js';
import { renderOrder } from './render-order.js';
import { renderAttachment, renderNetwork, renderVolume } from './render-resource.js';

export interface ComputeApi extends MachineWorth {
  readonly act: ActOnMachine;
  readonly machineState: AskMachineState;
}

/** /v1/orders, and beside it one collection for each kind that can be ordered. */
export function orderEndpoints(api: OrderApi, { sizeOf, powerOf, act, machineState }: ComputeApi): Endpoint[] {
  return [
    ...orderCollection(api, { name: 'orders', one: 'order', newItem: newOrderSchema, item: orderSchema, itemWithHistory: orderWithHistorySchema, render: renderOrder }),
    deleteAll(api),
    explain(api),
    ...orderCollection(api, {
      name: 'computes', one: 'compute', kind: 'compute', newItem: newComputeSchema, item: computeSchema, itemWithHistory: computeWithHistorySchema,
      render: (order) => renderCompute(order, { sizeOf, powerOf }), observe: async (order, signal) => ({ instanceState: await machineState(order, signal) }),
    }),
    actions(api, act),
    ...orderCollection(api, { name: 'volumes', one: 'volume', kind: 'storage', newItem: newVolumeSchema, item: volumeSchema, itemWithHistory: withHistory(volumeSchema), render: renderVolume }),
    ...orderCollection(api, { name: 'networks', one: 'network', kind: 'network', newItem: newNetworkSchema, item: networkItemSchema, itemWithHistory: withHistory(networkItemSchema), render: renderNetwork }),
    ...orderCollection(api, { name: 'attachments', one: 'attachment', kind: 'attachment', newItem: newAttachmentSchema, item: attachmentItemSchema, itemWithHistory: withHistory(attachmentItemSchema), render: renderAttachment }),
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

function actions({ orders }: OrderApi, act: ActOnMachine): Endpoint {
  return endpoint({
    method: 'post', path: '/v1/computes/{id}/actions', group: 'computes', action: 'order.create', summary: 'Start, stop, restart or suspend a machine', body: actionSchema,
    answers: { 204: { meaning: 'The cloud has taken it.' }, 404: { meaning: 'There is none, or it is not yours.' }, 405: { meaning: 'Its cloud cannot.' }, 409: { meaning: 'The machine is not up yet.' } },
    async handle({ user, param, body }) {
      const { order } = await orders.show(user, param('id'));
      if (order.kind !== 'compute') throw new FogbowError('not-found', 'Resource not found.');
      await act(order, body.action);
      return { status: 204 };
    },
  });
}
