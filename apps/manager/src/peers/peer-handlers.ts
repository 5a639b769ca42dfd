import { globalInstanceId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { EMPTY, GETINSTANCE, INSTANCEBEINGUSED, ORDER, REMOVEINSTANCE, REMOVEORDER, REMOVESTORAGELINK, STORAGELINK } from '@fogbow/messaging';
import type { InstanceReport, MessageReceiver } from '@fogbow/messaging';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import { markDeleted } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { WaitForOrders } from '../orders/wait-for-orders.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import { toInstanceReport } from './instance-report.js';
import { readServedOrder, servedOrderOf } from './read-served-order.js';
import { createServeLinks } from './serve-links.js';
import { createRemoveServedOrder, createServeOrder, isOrderId } from './serve-order.js';
import type { ServeOptions } from './serve-order.js';

export interface PeerOptions extends ServeOptions {
  readonly local: InstanceProvider;
  readonly identity: Pick<ForwardedIdentity, 'prove'>;
  readonly wait: WaitForOrders;
}

/** What other Managers may ask of us (spec §3). Every answer is about orders that the sender placed, or serves for us. */
export function registerPeerHandlers(link: MessageReceiver, options: PeerOptions): void {
  const serve = createServeOrder(options);
  const remove = createRemoveServedOrder(options);
  link.handle(ORDER, (from, request) => serve(from, { id: request.id, attempt: request.attempt, read: () => readServedOrder(options, from, request) }));
  const links = createServeLinks(options, serve, remove);
  link.handle(STORAGELINK, (from, request) => links.attach(from, request));
  link.handle(REMOVESTORAGELINK, async (from, request) => {
    await links.detach(from, request);
    return EMPTY;
  });
  link.handle(REMOVEORDER, async (from, { orderId, attempt }) => {
    await remove(from, orderId, attempt);
    return EMPTY;
  });
  link.handle(GETINSTANCE, async (from, { instanceId }) => await reportInstance(options, from, instanceId));
  link.handle(REMOVEINSTANCE, async (from, { instanceId }) => {
    const order = await servedOrderOf(options, from, instanceId);
    await options.served.rememberRemoved(from, order.id, order.incarnation);
    await markDeleted(options, order, 'its requester removed the instance');
    return EMPTY;
  });
  link.handle(INSTANCEBEINGUSED, async (from, { orderId, instanceId }) => {
    // A fault of the database must not read as "not wanted": the peer would remove the machine.
    const order = isOrderId(orderId) ? await options.store.get(orderId) : undefined;
    if (!isWanted(order, { provider: from, instanceId }, options.self)) throw new FogbowError('not-found', 'This order does not need an instance of yours.');
    return EMPTY;
  });
}

/**
 * Spec §3.1: yes while the order exists here and counts on that member, with that instance or before it has told us of one; a deleted order removes its
 * instance by itself.
 */
export function isWanted(order: Pick<OrderRecord, 'requester' | 'provider' | 'state' | 'instance'> | undefined, { provider, instanceId }: { readonly provider: MemberId; readonly instanceId?: string | undefined }, self: MemberId): boolean {
  if (order === undefined || order.requester !== self || order.provider !== provider || order.state === 'closed' || order.state === 'failed') return false;
  const isOther = order.state === 'fulfilled' && order.instance !== undefined && instanceId !== undefined && ![order.instance.id, globalInstanceId(order)].includes(instanceId);
  return !isOther;
}

async function reportInstance(options: PeerOptions, from: MemberId, instanceId: string): Promise<InstanceReport> {
  const order = await servedOrderOf(options, from, instanceId);
  // It has ended, and its machine is on its way out.
  if (order.state === 'closed' || order.state === 'failed') throw new FogbowError('not-found', order.reason ?? 'The instance is gone.');
  const seen = (await options.local.describe([order], AbortSignal.timeout(10_000))).get(order.id);
  if (seen?.kind === 'present') return toInstanceReport(seen.instance, seen.state, seen.fault);
  if (seen?.kind === 'gone') throw new FogbowError('not-found', 'The instance is gone.');
  throw new FogbowError('cloud-unavailable', seen?.reason ?? 'The cloud does not answer.');
}
