import type { OrderView } from '../api/views.js';
import { printable } from '../render/printable.js';

const SETTLED = ['fulfilled', 'closed', 'failed', 'deleted'];

/** Nothing more will come of it by itself, or it is there. */
export const isSettled = ({ state }: Pick<OrderView, 'state'>): boolean => SETTLED.includes(state);

/** One order in one line, for watching: id, state, where, how to get in, why. */
export function orderLine(order: OrderView): string {
  const ssh = order.ssh && order.state === 'fulfilled' ? `ssh ${order.ssh.username ?? ''}@${order.ssh.host}:${order.ssh.port}` : undefined;
  const parts = [order.id, order.state.padEnd(9), order.providingMember && `at ${order.providingMember}`, ssh, order.reason ?? order.failure];
  return printable(parts.filter(Boolean).join('  '));
}
