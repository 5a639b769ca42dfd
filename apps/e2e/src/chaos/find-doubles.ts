import type { Machine } from './find-remains.js';

/** Finds orders that have more than one machine, over many looks. */
export interface DoubleWatch {
  /** `nowMs`: any clock that only goes on. */
  look(machines: readonly Machine[], nowMs: number): void;
  /** A sentence for each order for which machines were made twice. */
  readonly found: readonly string[];
}

/**
 * One incarnation of an order has one machine at any time. Where an order was placed anew, the machine of its incarnation before may still have to go, which takes
 * a while when whoever should remove it is dead or cut off: for that long there may be one of each.
 */
export function watchDoubles(toleranceMs: number): DoubleWatch {
  const since = new Map<string, number>();
  const found = new Map<string, string>();
  return {
    get found() { return [...found.values()]; },
    look(machines, nowMs) {
      const orders = new Map<string, string[]>();
      for (const { orderId, clientToken } of machines) orders.set(orderId, [...orders.get(orderId) ?? [], clientToken]);
      for (const [orderId, tokens] of orders) {
        if (tokens.length < 2) { since.delete(orderId); continue; }
        const begun = since.get(orderId) ?? nowMs;
        since.set(orderId, begun);
        const isOneTwice = new Set(tokens).size < tokens.length;
        if (isOneTwice || nowMs - begun > toleranceMs) found.set(orderId, `order ${orderId} has ${tokens.length} machines${isOneTwice ? '' : ` for ${Math.round((nowMs - begun) / 1000)} s`}: ${tokens.join(', ')}`);
      }
      for (const orderId of since.keys()) if (!orders.has(orderId)) since.delete(orderId);
    },
  };
}
