import type { OrderRecord } from '../../orders/order-record.js';
import { PREFIX } from './names.js';

/** What a thing's order says of it, shown beside its own attributes in JSON: why it is not there yet, or never will be. */
export function orderFacts({ state, reason, failure, instance }: Pick<OrderRecord, 'state' | 'reason' | 'failure' | 'instance'>): [name: string, value: string][] {
  const facts: readonly (readonly [string, string | undefined])[] = [['state', state], ['reason', reason], ['failure', failure], ['ssh-host-key', instance?.sshHostKey]];
  return facts.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[PREFIX + name, value]]));
}
