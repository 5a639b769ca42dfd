import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import type { InstanceQuery } from './getinstance.js';
import { requiredText } from './read-payload.js';

const namespace = 'http://fogbowcloud.org/manager/removeinstance';

/** Requester → provider: remove the instance (spec §3.1). */
export const REMOVEINSTANCE: FederationMessage<InstanceQuery, Empty> = {
  name: 'removeinstance',
  namespace,
  iqType: 'set',
  encodeRequest: ({ instanceId }) => element('query', namespace, [element('instance', namespace, [element('id', namespace, [instanceId])])]),
  decodeRequest: (query) => ({ instanceId: requiredText(childElement(query, 'instance'), 'id') }),
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
