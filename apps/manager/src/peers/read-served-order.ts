import type { MemberId, ResourceKind } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OrderRequest } from '@fogbow/messaging';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import { fromOrderRequest } from './order-on-the-wire.js';
import { questionId, UNCOUNTED } from './question-id.js';
import type { Served } from './serve-order.js';
import type { ServedBooks } from './served-books.js';

export interface ServedOrders {
  readonly served: Pick<ServedBooks, 'orderOfInstance'>;
  readonly store: Pick<OrderStore, 'get'>;
}

export interface ReadOptions extends ServedOrders {
  readonly identity: Pick<ForwardedIdentity, 'prove'>;
}

/** What a peer asks for. The networks that it names must be its own here. */
export async function readServedOrder(orders: ReadOptions, from: MemberId, request: OrderRequest): Promise<Served> {
  const { networkIds, spec, ...rest } = fromOrderRequest(request);
  const owner = await orders.identity.prove(from, request.token, `order ${questionId({ id: request.id, incarnation: request.attempt ?? UNCOUNTED })}`);
  const networks = await Promise.all(networkIds.map((id) => servedOrderOf(orders, from, id, 'network')));
  if (networks.some((network) => network.owner.id !== owner.id)) throw new FogbowError('forbidden', 'The networks are of another user.');
  return { ...rest, owner, spec: { ...spec, ...(networks.length > 0 ? { networkOrderIds: networks.map(({ id }) => id) } : {}) } };
}

/** The order that a member placed here, by the id of its instance in our cloud; of any kind where none is wanted. Throws not-found, for one that is being removed with the reason. */
export async function servedOrderOf({ served, store }: ServedOrders, from: MemberId, instanceId: string, kind?: ResourceKind): Promise<OrderRecord> {
  const id = await served.orderOfInstance(from, instanceId.split('@')[0] ?? '', kind);
  const order = id === undefined ? undefined : await store.get(id);
  if (!order) throw new FogbowError('not-found', `There is no such ${kind ?? 'instance'} of yours.`);
  if (order.state === 'deleted') throw new FogbowError('not-found', order.reason ?? 'It is being removed.');
  return order;
}
