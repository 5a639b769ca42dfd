import type { ServiceAddress } from '@fogbow/request-model';
import type { ListedOrder } from '../orders/order-record.js';

export interface SshAddress extends ServiceAddress {
  readonly username?: string;
}

/** Where the owner logs in. Nothing for an order that has ended: its port may be somebody else's by now. */
export function sshAddressOf({ state, instance }: Pick<ListedOrder, 'state' | 'instance'>): SshAddress | undefined {
  if (!instance?.sshAddress || (state !== 'spawning' && state !== 'fulfilled')) return undefined;
  return { ...instance.sshAddress, ...(instance.sshUsername ? { username: instance.sshUsername } : {}) };
}
