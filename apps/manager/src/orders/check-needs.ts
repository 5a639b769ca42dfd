import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId, OrderSpec, ResourceKind, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { bindOrder } from './bind-order.js';
import { loadNeeds } from './load-needs.js';
import type { OrderStore } from './order-store.js';

interface Wish {
  readonly owner: UserRef;
  readonly spec: OrderSpec;
}

/**
 * What an order needs must be the caller's own and of the right kind, else not-found; and it must be able to come together, else conflict.
 * It need not be there yet: the order waits for it.
 */
export async function checkNeeds(options: { readonly self: MemberId; readonly store: Pick<OrderStore, 'getMany'> }, { owner, spec }: Wish): Promise<void> {
  const named = namedIn(spec);
  if (named.length === 0) return;
  const needs = await loadNeeds(options.store, [{ spec }]);
  for (const [kind, id] of named) {
    const order = needs.get(id);
    if (!order || order.kind !== kind || order.owner.id !== owner.id || order.requester !== options.self) throw new FogbowError('not-found', `There is no ${NOUN_OF_KIND[kind]} ${id} of yours.`);
  }
  const binding = bindOrder({ spec, requester: options.self, owner }, needs);
  if (binding.kind === 'never') throw new FogbowError('conflict', `It can never be made: ${binding.reason}.`);
}

function namedIn({ networkOrderIds = [], attachment }: OrderSpec): (readonly [ResourceKind, string])[] {
  return [
    ...networkOrderIds.map((id) => ['network', id] as const),
    ...(attachment ? [['compute', attachment.computeOrderId] as const, ['storage', attachment.volumeOrderId] as const] : []),
  ];
}
