import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import { optionalText, requiredText } from './read-payload.js';
import { decodeLinkOrder, encodeLinkOrder } from './storagelink.js';
import type { LinkOrder } from './storagelink.js';

export interface OrderNews {
  /** The order at the requester, and the incarnation that this is about. */
  readonly order: LinkOrder;
  /** Of the provider's part of it: a state of docs/states.md. */
  readonly state: string;
  readonly reason?: string;
}

const namespace = 'http://fogbowcloud.org/manager/orderstate';

/** Provider → requester: your order has moved here. An extension of ours, told once and not repeated: whoever misses it asks in its period. */
export const ORDERSTATE: FederationMessage<OrderNews, Empty> = {
  name: 'orderstate',
  namespace,
  iqType: 'set',
  encodeRequest: ({ order, state, reason }) => element('query', namespace, [
    encodeLinkOrder(order, namespace), element('state', namespace, [state]), reason === undefined ? undefined : element('reason', namespace, [reason]),
  ]),
  decodeRequest: (query) => {
    const reason = optionalText(query, 'reason');
    return { order: decodeLinkOrder(query) ?? { id: requiredText(childElement(query, 'order'), 'id'), attempt: 0 }, state: requiredText(query, 'state'), ...(reason === undefined ? {} : { reason }) };
  },
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
