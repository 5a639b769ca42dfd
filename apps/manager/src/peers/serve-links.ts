import { newId } from '@fogbow/service-runtime';
import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderReply, StorageLinkRemoval, StorageLinkReply, StorageLinkRequest } from '@fogbow/messaging';
import { markDeleted } from '../orders/delete-order.js';
import type { WaitForOrders } from '../orders/wait-for-orders.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import { questionId } from './question-id.js';
import { servedOrderOf } from './read-served-order.js';
import { ORIGINAL_WAITS_MS } from './tell-requesters.js';
import type { Served, ServedWish, ServeOptions } from './serve-order.js';

export interface LinkOptions extends ServeOptions {
  readonly identity: Pick<ForwardedIdentity, 'prove'>;
  readonly wait: WaitForOrders;
}

type Serve = (from: MemberId, wish: ServedWish) => Promise<OrderReply | 'later'>;
type Remove = (from: MemberId, orderId: string, attempt: number | undefined) => Promise<void>;

/** A peer attaches its volumes here to its machines here. An attachment is an order like any other. */
export function createServeLinks(options: LinkOptions, serve: Serve, remove: Remove) {
  return {
    /** Peers that name their order are answered when it is attached, however late; an original waits, and knows the attachment alone. */
    async attach(from: MemberId, request: StorageLinkRequest): Promise<StorageLinkReply | 'later'> {
      const read = (): Promise<Served> => readLink(options, from, request);
      const { order } = request;
      const id = order?.id ?? newId();
      const answer = await serve(from, { id, attempt: order?.attempt, read });
      if (answer !== 'later') return { attachmentId: answer.instanceId };
      return order ? 'later' : await waitFor(options, id);
    },
    async detach(from: MemberId, { order, attachmentId }: StorageLinkRemoval): Promise<void> {
      if (order) return await remove(from, order.id, order.attempt);
      const served = await servedOrderOf(options, from, attachmentId ?? '', 'attachment');
      await options.served.rememberRemoved(from, served.id, served.incarnation);
      await markDeleted(options, served, 'its requester removed it');
    },
  };
}

async function readLink(options: LinkOptions, from: MemberId, { order, instanceId, volumeId, device, token }: StorageLinkRequest): Promise<Served> {
  const user = await options.identity.prove(from, token, `link ${order ? questionId({ id: order.id, incarnation: order.attempt }) : ''}`);
  const [machine, volume] = [await servedOrderOf(options, from, instanceId, 'compute'), await servedOrderOf(options, from, volumeId, 'storage')];
  if (machine.owner.id !== volume.owner.id) throw new FogbowError('forbidden', 'The machine and the volume are of different users.');
  // An original may name nobody.
  if (user.id !== '' && user.id !== machine.owner.id) throw new FogbowError('forbidden', 'The machine is not of this user.');
  return {
    kind: 'attachment', owner: machine.owner, batchId: newId(),
    spec: { attachment: { computeOrderId: machine.id, volumeOrderId: volume.id, ...(device ? { device } : {}) } },
  };
}

async function waitFor(options: LinkOptions, id: string): Promise<StorageLinkReply> {
  await options.wait([id], ORIGINAL_WAITS_MS, new AbortController().signal);
  const order = await options.store.get(id);
  if (order?.state === 'fulfilled' && order.instance) return { attachmentId: order.instance.id };
  if (order) await markDeleted(options, order, 'it was not attached in time');
  throw new FogbowError(order?.failure ?? 'timeout', order?.reason ?? 'It could not be attached.');
}
