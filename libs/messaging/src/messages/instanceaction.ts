import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, childText, element } from '../xml/element.js';
import { requiredText } from './read-payload.js';

export interface InstanceAction {
  /** Within the provider's cloud. */
  readonly instanceId: string;
  /** `start`, `stop`, `restart` or `suspend`. */
  readonly action: string;
}

const namespace = 'http://fogbowcloud.org/manager/instanceaction';

/** Requester → provider: start, stop, restart or suspend the machine. An extension of ours; an original answers that it does not know it (405). */
export const INSTANCEACTION: FederationMessage<InstanceAction, Empty> = {
  name: 'instanceaction',
  namespace,
  iqType: 'set',
  encodeRequest: ({ instanceId, action }) => element('query', namespace, [element('instance', namespace, [element('id', namespace, [instanceId])]), element('action', namespace, [action])]),
  decodeRequest: (query) => ({ instanceId: requiredText(childElement(query, 'instance'), 'id'), action: childText(query, 'action')?.trim() ?? '' }),
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
