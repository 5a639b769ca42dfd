import type { Order } from '@fogbow/request-model';

/** The attempt of an order whose requester counts none, as originals do. */
export const UNCOUNTED = 0;

/**
 * The IQ id of an order's question and of its answer: `<order>.<attempt>`, so that an answer to an earlier attempt is never taken for
 * one to the present. Spec §3 has the bare id of the order, and whoever asks without an attempt is answered so.
 */
export function questionId({ id, incarnation }: Pick<Order, 'id' | 'incarnation'>): string {
  return incarnation === UNCOUNTED ? id : `${id}.${incarnation}`;
}

/** The reverse; without an attempt for an original's answer, undefined for what is no order's. */
export function parseQuestionId(id: string): { readonly orderId: string; readonly attempt?: number } | undefined {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.([1-9]\d{0,8}))?$/.exec(id);
  return match ? { orderId: match[1] as string, ...(match[2] ? { attempt: Number(match[2]) } : {}) } : undefined;
}
