import type { Empty, FederationMessage } from '../federation-message.js';
import { EMPTY } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import { encodeToken } from './forwarded-token.js';
import { optionalText } from './read-payload.js';
import { decodeLinkOrder, encodeLinkOrder } from './storagelink.js';
import type { LinkOrder } from './storagelink.js';

export interface StorageLinkRemoval {
  /** Within the provider's cloud; absent while the requester has not heard of it. */
  readonly attachmentId?: string;
  readonly instanceId?: string;
  readonly volumeId?: string;
  /** The order at the requester and the last incarnation to remove; an extension, absent from originals. */
  readonly order?: LinkOrder;
}

const namespace = 'http://fogbowcloud.org/manager/removestoragelink';

/** Requester → provider: detach (spec §3.1). One that is gone or unknown: done, or not-found. */
export const REMOVESTORAGELINK: FederationMessage<StorageLinkRemoval, Empty> = {
  name: 'removestoragelink',
  namespace,
  iqType: 'set',
  encodeRequest: ({ attachmentId, instanceId, volumeId, order }) => element('query', namespace, [
    element('storageLink', namespace, [
      element('id', namespace, [attachmentId ?? '']), element('target', namespace, [volumeId ?? '']), element('source', namespace, [instanceId ?? '']),
    ]),
    order && encodeLinkOrder(order, namespace),
    // Originals read <token> without asking whether it is there.
    encodeToken({ accessId: '', userId: '', userName: '' }, namespace),
  ]),
  decodeRequest: (query) => {
    const link = childElement(query, 'storageLink');
    const [attachmentId, instanceId, volumeId] = ['id', 'source', 'target'].map((name) => optionalText(link, name));
    const order = decodeLinkOrder(query);
    return {
      ...(attachmentId === undefined ? {} : { attachmentId }), ...(instanceId === undefined ? {} : { instanceId }), ...(volumeId === undefined ? {} : { volumeId }),
      ...(order ? { order } : {}),
    };
  },
  encodeReply: () => undefined,
  decodeReply: () => EMPTY,
};
