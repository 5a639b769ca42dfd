import type { FederationMessage } from '../federation-message.js';
import { childElement, element } from '../xml/element.js';
import type { XmlElement } from '../xml/element.js';
import { decodeToken, encodeToken } from './forwarded-token.js';
import type { ForwardedToken } from './forwarded-token.js';
import { optionalText, requiredInstanceId, requiredText, wholeNumber } from './read-payload.js';

export interface StorageLinkRequest {
  /** Within the provider's cloud, as `volumeId`. */
  readonly instanceId: string;
  readonly volumeId: string;
  readonly device?: string;
  /** The order at the requester and its incarnation, so that asking twice is asking once; an extension, absent from originals. */
  readonly order?: LinkOrder;
  readonly token?: ForwardedToken;
}

export interface LinkOrder {
  readonly id: string;
  readonly attempt: number;
}

export interface StorageLinkReply {
  /** Within the provider's cloud. */
  readonly attachmentId: string;
}

const namespace = 'http://fogbowcloud.org/manager/storagelink';

/** Requester → provider: attach a volume to a machine, both of them there (spec §3.1). `post` it: the result comes when it is attached. */
export const STORAGELINK: FederationMessage<StorageLinkRequest, StorageLinkReply> = {
  name: 'storagelink',
  namespace,
  iqType: 'set',
  encodeRequest: ({ instanceId, volumeId, device, order, token }) => element('query', namespace, [
    element('storageLink', namespace, [
      element('target', namespace, [volumeId]), element('source', namespace, [instanceId]), element('deviceId', namespace, [device ?? '']),
    ]),
    order && encodeLinkOrder(order, namespace),
    token && encodeToken(token, namespace),
  ]),
  decodeRequest: (query) => {
    const link = childElement(query, 'storageLink');
    const device = optionalText(link, 'deviceId');
    const order = decodeLinkOrder(query);
    const token = childElement(query, 'token');
    return {
      instanceId: requiredText(link, 'source'), volumeId: requiredText(link, 'target'),
      ...(device === undefined ? {} : { device }), ...(order ? { order } : {}), ...(token ? { token: decodeToken(token) } : {}),
    };
  },
  encodeReply: ({ attachmentId }) => element('query', namespace, [element('attachment', namespace, [element('id', namespace, [attachmentId])])]),
  decodeReply: (query) => ({ attachmentId: requiredInstanceId(childElement(query, 'attachment')) }),
};

export function encodeLinkOrder({ id, attempt }: LinkOrder, inNamespace: string): XmlElement {
  return element('order', inNamespace, [element('id', inNamespace, [id]), element('attempt', inNamespace, [String(attempt)])]);
}

export function decodeLinkOrder(query: XmlElement): LinkOrder | undefined {
  const order = childElement(query, 'order');
  return order && { id: requiredText(order, 'id'), attempt: wholeNumber(requiredText(order, 'attempt'), 'attempt') as number };
}
