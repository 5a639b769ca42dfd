import type { SizeOf } from '../../accounting/machine-size.js';
import type { ListedOrder } from '../../orders/order-record.js';
import { renderOrder } from './render-order.js';

/** A compute as JSON clients see it: its order with what is known of the machine. */
export function renderCompute(order: ListedOrder, sizeOf: SizeOf): Record<string, unknown> {
  return { ...renderOrder(order), orderId: order.id, ...machineOf(order, sizeOf) };
}

function machineOf({ state, provider, spec, instance }: ListedOrder, sizeOf: SizeOf): Record<string, unknown> {
  if (!provider || (state !== 'spawning' && state !== 'fulfilled')) return {};
  const size = sizeOf({ provider, flavor: spec.flavor ?? null, requirements: spec.requirements ?? null });
  return { vcpu: size?.vcpu, ramMb: size?.ramMb, localAddress: instance?.localAddress, addresses: instance?.addresses?.map(({ networkId, address }) => ({ networkId: `${networkId}@${provider}`, address })) };
}
