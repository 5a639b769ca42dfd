import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import { optionalText, requiredText, wholeNumber } from './read-payload.js';

export interface OrderRemoval {
  readonly orderId: string;
  /** The last incarnation to remove; later ones stay. Absent (as originals send it): all of them. An extension of ours. */
  readonly attempt?: number;
  readonly accessId?: string;
}

const namespace = 'http://fogbowcloud.org/manager/removeorder';

/** Requester → provider: forget the order and remove what was made for it (spec §3.1). Unknown order: done. */
export const REMOVEORDER: FederationMessage<OrderRemoval, Empty> = {
  name: 'removeorder',
  namespace,
  iqType: 'set',
  encodeRequest: ({ orderId, attempt, accessId }) => element('query', namespace, [
    element('order', namespace, [element('id', namespace, [orderId])]),
    // Originals read <token> without asking whether it is there.
    element('token', namespace, [element('accessId', namespace, [accessId ?? ''])]),
    attempt === undefined ? undefined : element('attempt', namespace, [String(attempt)]),
  ]),
  decodeRequest: (query) => {
    const attempt = wholeNumber(optionalText(query, 'attempt'), 'attempt');
    const accessId = optionalText(childElement(query, 'token'), 'accessId');
    return {
      orderId: requiredText(childElement(query, 'order'), 'id'),
      ...(attempt === undefined ? {} : { attempt }),
      ...(accessId === undefined ? {} : { accessId }),
    };
  },
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
