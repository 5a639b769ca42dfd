import type { MemberId } from '@fogbow/request-model';

/** One move of one order as its owner is told of it: a line of the order's history with its position in the stream. */
export interface OrderNotice {
  /** Grows from notice to notice; what comes after it in the stream has a larger one. Positions have gaps. */
  readonly position: number;
  readonly orderId: string;
  readonly batchId: string | null;
  readonly kind: string | null;
  /** Null for the first line of an order. */
  readonly from: string | null;
  readonly to: string;
  readonly event: string;
  readonly reason: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly provider: MemberId | null;
  readonly incarnation: number;
}

/** Whose orders, and which of them. */
export interface NoticeFilter {
  readonly ownerId: string;
  readonly orderId?: string;
  readonly batchId?: string;
}

/** A notice with its owner, as the feed keeps it for all readers. */
export interface OwnedNotice {
  readonly ownerId: string;
  readonly notice: OrderNotice;
}

export function isFor(filter: NoticeFilter, { ownerId, notice }: OwnedNotice): boolean {
  return ownerId === filter.ownerId && notice.orderId === (filter.orderId ?? notice.orderId) && notice.batchId === (filter.batchId ?? notice.batchId);
}
