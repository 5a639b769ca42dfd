import { clientToken } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import type { CloudCalls } from './cloud-calls.js';
import type { Resource, ResourceDrivers } from './resource-driver.js';

export interface FindOptions {
  readonly self: MemberId;
  readonly calls: Pick<CloudCalls, 'run'>;
  readonly drivers: ResourceDrivers;
}

/** What a cloud has for an order's present incarnation, whoever asked for it and whether or not an answer came. */
export function createFindInstance({ self, calls, drivers }: FindOptions): (order: OrderRecord, signal: AbortSignal) => Promise<Resource | undefined> {
  return async (order, signal) => await calls.run(signal, 'find', async (call) => drivers[order.kind]?.find(clientToken(self, order), call));
}
