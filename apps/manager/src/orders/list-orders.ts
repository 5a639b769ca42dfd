import type { MemberId, OrderState, OrderType, ResourceKind, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ListedOrder } from './order-record.js';
import type { OrderViews } from './order-views.js';

export interface ListQuery {
  readonly states?: readonly OrderState[];
  readonly batchId?: string;
  readonly kind?: ResourceKind;
  readonly type?: OrderType;
  /** The member that serves the order now. */
  readonly provider?: MemberId;
  /** Absent: newest first. */
  readonly oldestFirst?: boolean;
  readonly cursor?: string;
  readonly limit: number;
}

export interface OrderPage {
  readonly orders: readonly ListedOrder[];
  /** Given when there are more. */
  readonly next?: string;
}

export type ListOrders = (owner: UserRef, query: ListQuery) => Promise<OrderPage>;

/** Use case: the caller's own orders by their age, page by page. A cursor stays good while orders come and go. */
export function createListOrders(options: { readonly self: MemberId; readonly views: Pick<OrderViews, 'list'> }): ListOrders {
  return async (owner, { cursor, limit, ...filter }) => {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const found = await options.views.list({ requester: options.self, ownerId: owner.id, ...filter, ...(after ? { after } : {}), limit: limit + 1 });
    const orders = found.slice(0, limit);
    const last = orders.at(-1);
    return { orders, ...(found.length > limit && last ? { next: encodeCursor(last) } : {}) };
  };
}

const encodeCursor = (order: ListedOrder): string => Buffer.from(`${order.createdAt.toISOString()} ${order.id}`).toString('base64url');

const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function decodeCursor(cursor: string): { createdAt: Date; id: string } {
  const [, time = '', id = ''] = POSITION.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const createdAt = new Date(time);
  if (Number.isNaN(createdAt.getTime())) throw new FogbowError('bad-syntax', 'The cursor is not one of ours; start from the first page.');
  return { createdAt, id };
}
