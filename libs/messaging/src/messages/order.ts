import { FogbowError } from '@fogbow/plugin-contracts';
import type { FederationMessage } from '../federation-message.js';
import type { XmlElement } from '../xml/element.js';
import { childElement, childElements, childText, element } from '../xml/element.js';
import { decodeToken, encodeToken } from './forwarded-token.js';
import type { ForwardedToken } from './forwarded-token.js';
import { optionalText, requiredInstanceId, requiredText, wholeNumber } from './read-payload.js';

export interface OrderCategory {
  readonly term: string;
  readonly scheme: string;
  readonly class: string;
}

export interface OrderRequest {
  /** The order's id at the requester; originals use it as the id of the IQ too. */
  readonly id: string;
  /** Which incarnation of the order asks; an extension that travels as an attribute, which originals ignore. */
  readonly attempt?: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly categories: readonly OrderCategory[];
  readonly token?: ForwardedToken;
}

export interface OrderReply {
  /** Within the provider's cloud; the caller adds `@<provider>`. */
  readonly instanceId: string;
}

export const ORDER_ATTEMPT_ATTRIBUTE = 'org.fogbowcloud.order.attempt';
const namespace = 'http://fogbowcloud.org/manager/order';
const leaf = (name: string, text: string): XmlElement => element(name, namespace, [text]);

/** Manager → Manager: create an instance for our order. `post` it: the result comes when the instance is there (spec §3.1). */
export const ORDER: FederationMessage<OrderRequest, OrderReply> = {
  name: 'order',
  namespace,
  iqType: 'set',
  encodeRequest: (request) => element('query', namespace, [
    ...request.categories.map((category) => element('category', namespace, [leaf('class', category.class), leaf('term', category.term), leaf('scheme', category.scheme)])),
    ...Object.entries(attributesOnWire(request)).map(([name, value]) => element('attribute', namespace, [leaf('value', value)], { var: name })),
    element('order', namespace, [leaf('id', request.id)]),
    request.token && encodeToken(request.token, namespace),
  ]),
  decodeRequest: (query) => {
    const { [ORDER_ATTEMPT_ATTRIBUTE]: attempt, ...attributes } = decodeAttributes(query);
    const token = childElement(query, 'token');
    return {
      id: requiredText(childElement(query, 'order'), 'id'),
      ...(attempt === undefined ? {} : { attempt: wholeNumber(attempt, ORDER_ATTEMPT_ATTRIBUTE) as number }),
      attributes,
      categories: childElements(query, 'category').map((category) => ({
        term: requiredText(category, 'term'),
        scheme: requiredText(category, 'scheme'),
        class: optionalText(category, 'class') ?? '',
      })),
      ...(token ? { token: decodeToken(token) } : {}),
    };
  },
  encodeReply: ({ instanceId }) => element('query', namespace, [element('instance', namespace, [leaf('id', instanceId)])]),
  decodeReply: (query) => ({ instanceId: requiredInstanceId(childElement(query, 'instance')) }),
};

function attributesOnWire({ attributes, attempt }: OrderRequest): Record<string, string> {
  return { ...attributes, ...(attempt === undefined ? {} : { [ORDER_ATTEMPT_ATTRIBUTE]: String(attempt) }) };
}

function decodeAttributes(query: XmlElement): Record<string, string> {
  // Object.fromEntries defines own properties, so an attribute named __proto__ is data like any other.
  return Object.fromEntries(childElements(query, 'attribute').map((attribute) => {
    const name = attribute.attributes['var'];
    if (!name) throw new FogbowError('bad-syntax', 'An attribute of the order has no name.');
    return [name, childText(attribute, 'value') ?? ''];
  }));
}
