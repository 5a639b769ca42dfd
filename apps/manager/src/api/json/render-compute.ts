import type { SizeOf } from '../../accounting/machine-size.js';
import type { PowerOf } from '../../accounting/read-favours.js';
import type { ListedOrder } from '../../orders/order-record.js';
import { renderOrder } from './render-order.js';

/** What this member knows of machines by what was asked for. */
export interface MachineWorth {
  readonly sizeOf: SizeOf;
  readonly powerOf: PowerOf;
}

/** A compute as JSON clients see it: its order with what is known of the machine. */
export function renderCompute(order: ListedOrder, known: MachineWorth): Record<string, unknown> {
  return { ...renderOrder(order), orderId: order.id, ...machineOf(order, known) };
}

function machineOf({ state, provider, spec, instance }: ListedOrder, { sizeOf, powerOf }: MachineWorth): Record<string, unknown> {
  if (!provider || (state !== 'spawning' && state !== 'fulfilled')) return {};
  const wish = { provider, flavor: spec.flavor ?? null, requirements: spec.requirements ?? null };
  const size = sizeOf(wish);
  const power = instance?.power ? {} : { power: { value: powerOf(wish), measured: false } };
  return { vcpu: size?.vcpu, ramMb: size?.ramMb, ...power, localAddress: instance?.localAddress, addresses: instance?.addresses?.map(({ networkId, address }) => ({ networkId: `${networkId}@${provider}`, address })) };
}
