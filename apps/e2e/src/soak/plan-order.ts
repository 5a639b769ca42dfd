import type { OrderRecord } from './soak-log.js';

/** What the n-th order of a soak is like. */
export interface PlannedOrder {
  /** Letter of the member whose user wants it. */
  readonly asked: 'a' | 'b';
  /** Letter of the member that has to serve it; absent: whoever can. */
  readonly wanted?: 'a' | 'b';
  readonly look: OrderRecord['look'];
}

/**
 * Both members are asked in turn. Every sixth order is to be served by the other member, whoever is asked; more go there by themselves, because A is small. Every fifth machine is
 * logged in to, of as many the port is looked at.
 */
export function planOrder(index: number): PlannedOrder {
  const asked = index % 2 === 0 ? 'a' : 'b';
  const other = asked === 'a' ? 'b' : 'a';
  const share = index % 12 === 0 || index % 12 === 7;
  return { asked, ...(share ? { wanted: other } : {}), look: index % 5 === 0 ? 'login' : index % 5 === 3 ? 'port' : 'none' };
}
