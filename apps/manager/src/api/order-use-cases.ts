import type { DeleteOrder } from '../orders/delete-order.js';
import type { DeleteOrders } from '../orders/delete-orders.js';
import type { ListOrders } from '../orders/list-orders.js';
import type { ShowOrder } from '../orders/show-order.js';
import type { SubmitOrders } from '../orders/submit-orders.js';

/** What both renderings of the API can do with orders. */
export interface OrderUseCases {
  readonly submit: SubmitOrders;
  readonly list: ListOrders;
  readonly show: ShowOrder;
  readonly remove: DeleteOrder;
  readonly removeAll: DeleteOrders;
}
