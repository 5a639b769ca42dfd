import type { ListedOrder } from '../../orders/order-record.js';
import { renderOrder } from './render-order.js';

/** A volume as JSON clients see it. */
export const renderVolume = (order: ListedOrder): Record<string, unknown> => plain(order);

/** A network with what its cloud made of it. */
export function renderNetwork(order: ListedOrder): Record<string, unknown> {
  return { ...plain(order), gateway: order.instance?.gateway, vlan: order.instance?.vlan };
}

/** An attachment with the name that the volume got. */
export function renderAttachment(order: ListedOrder): Record<string, unknown> {
  return { ...plain(order), device: order.instance?.device };
}

/** What all of them have of their orders. */
function plain(order: ListedOrder): Record<string, unknown> {
  return { ...renderOrder(order), orderId: order.id };
}
