import type { Observation } from '../fulfilment/instance-provider.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { ToldServices } from '../orders/order-store.js';

/** Pure: where a machine and its services are reached as its owner should see it, where that is not what the order says; undefined otherwise. */
export function changedServices({ id, incarnation, instance }: OrderRecord, seen: Observation | undefined): ToldServices | undefined {
  if (seen?.kind !== 'present' || !instance) return undefined;
  const { extraAddresses = {}, sshAddress } = seen.instance;
  const isSame = text(extraAddresses) === text(instance.extraAddresses ?? {}) && (!sshAddress || text({ ssh: sshAddress }) === text(instance.sshAddress ? { ssh: instance.sshAddress } : {}));
  return isSame ? undefined : { id, incarnation, extraAddresses, ...(sshAddress ? { sshAddress } : {}) };
}

const text = (addresses: ToldServices['extraAddresses']): string =>
  JSON.stringify(Object.entries(addresses).map(([name, { host, port, url }]) => [name, host, port, url]).sort(([one = ''], [other = '']) => (String(one) < String(other) ? -1 : 1)));
