import { NOUN_OF_KIND } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';

const MOST_NAMED = 20;

/** What others need cannot go (spec §8.2): a volume that is attached, a machine with volumes, a network with machines. */
export async function refuseWhileNeeded(store: Pick<OrderStore, 'needing'>, order: Pick<OrderRecord, 'id' | 'kind'>): Promise<void> {
  const users = await store.needing(order.id, MOST_NAMED);
  if (users.length === 0) return;
  const names = users.map(({ id, kind }) => `${NOUN_OF_KIND[kind]} ${id}`).join(', ');
  throw new FogbowError('conflict', `The ${NOUN_OF_KIND[order.kind]} is in use by ${names}; delete that first.`, { ids: users.map(({ id }) => id) });
}
