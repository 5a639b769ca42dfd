import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import { optionalText, requiredText } from './read-payload.js';

export interface UseQuery {
  readonly orderId: string;
  /** The global id, `<instance>@<provider>`; absent while the instance is on its way. */
  readonly instanceId?: string;
}

const namespace = 'http://fogbowcloud.org/manager/instancebeingused';

/** Provider → requester: is the served instance still wanted? A result means yes; the error not-found, and only it, means no (spec §3.1). */
export const INSTANCEBEINGUSED: FederationMessage<UseQuery, Empty> = {
  name: 'instancebeingused',
  namespace,
  iqType: 'get',
  encodeRequest: ({ orderId, instanceId }) => element('query', namespace, [
    element('order', namespace, [element('id', namespace, [orderId])]),
    instanceId === undefined ? undefined : element('instance', namespace, [element('id', namespace, [instanceId])]),
  ]),
  decodeRequest: (query) => {
    const instanceId = optionalText(childElement(query, 'instance'), 'id');
    return { orderId: requiredText(childElement(query, 'order'), 'id'), ...(instanceId === undefined ? {} : { instanceId }) };
  },
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
