import type { GrantStore } from '../grants/grant-store.js';
import type { WebTarget } from './web-name.js';

/** Pure but for the store: the port of the service that a web name stands for; undefined when there is no such service. */
export function findWebService({ ofOrder }: Pick<GrantStore, 'ofOrder'>, { service, orderId }: WebTarget): number | undefined {
  return ofOrder(orderId)?.services.find(({ name, kind }) => kind === 'http' && name === service)?.port;
}
