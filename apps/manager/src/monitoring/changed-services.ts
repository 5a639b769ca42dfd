import type { Observation } from '../fulfilment/instance-provider.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { ToldServices } from '../orders/order-store.js';

/** Pure: the services of a machine as its owner should see them, where that is not what the order says; undefined otherwise. */
export function changedServices({ id, incarnation, instance }: OrderRecord, seen: Observation | undefined): ToldServices | undefined {
  if (seen?.kind !== 'present' || !instance) return undefined;
  const extraAddresses = seen.instance.extraAddresses ?? {};
  return text(extraAddresses) === text(instance.extraAddresses ?? {}) ? undefined : { id, incarnation, extraAddresses };
}

const text = (addresses: ToldServices['extraAddresses']): string =>
  JSON.stringify(Object.entries(addresses).map(([name, { host, port, url }]) => [name, host, port, url]).sort(([one = ''], [other = '']) => (String(one) < String(other) ? -1 : 1)));
