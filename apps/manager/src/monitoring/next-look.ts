import type { OrderRecord } from '../orders/order-record.js';

const SOONEST_MS = 500;
const LATEST_MS = 30_000;

/**
 * Pure: when machines that boot are looked at again, in ms, so that one that is up is noticed after at most half as long again as it took,
 * and a slow one costs few questions. Undefined when none boots.
 */
export function nextLook(booting: readonly Pick<OrderRecord, 'stateSince'>[], now: Date): number | undefined {
  if (booting.length === 0) return undefined;
  const youngest = Math.min(...booting.map((order) => now.getTime() - order.stateSince.getTime()));
  return Math.min(Math.max(youngest / 2, SOONEST_MS), LATEST_MS);
}
