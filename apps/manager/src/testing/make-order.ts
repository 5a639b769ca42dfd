import type { OrderRecord } from '../orders/order-record.js';

export const SELF = 'manager.a.test';
export const PEER = 'manager.b.test';
export const NOW = new Date('2026-01-01T00:00:00Z');

/** An open order of one of our users, with what a test changes. */
export function makeOrder(changes: Partial<OrderRecord> = {}): OrderRecord {
  return {
    id: '11111111-1111-4111-8111-111111111111', batchId: '22222222-2222-4222-8222-222222222222', kind: 'compute', type: 'one-time', state: 'open',
    owner: { id: 'alice', name: 'Alice' }, requester: SELF, incarnation: 1, spec: {}, createdAt: NOW, stateSince: NOW, failedBoots: 0,
    attempts: 1, refusals: {}, explanation: [], connected: false, ...changes,
  };
}
