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

/** Where the services beside SSH are reached; nothing for an order that has ended. */
export function serviceAddressesOf({ state, instance }: Pick<ListedOrder, 'state' | 'instance'>): Readonly<Record<string, ServiceAddress>> {
  return state === 'spawning' || state === 'fulfilled' ? instance?.extraAddresses ?? {} : {};
}

/** The same as OCCI has it (spec §1.8): a JSON object of host:port by service; undefined when there is none. */
export function extraPortsOf(order: Pick<ListedOrder, 'state' | 'instance'>): string | undefined {
  const entries = Object.entries(serviceAddressesOf(order)).map(([service, { host, port }]) => [service, `${host}:${port}`]);
  return entries.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : undefined;
}
