import type { MemberId } from '@fogbow/request-model';
import type { XmlElement } from '../xml/element.js';
import { childElements, element } from '../xml/element.js';
import { addressOf, memberOf } from './address.js';

/** Of stanzas between a component and its server (XEP-0114). */
export const STANZA_NAMESPACE = 'jabber:component:accept';

export type IqType = 'get' | 'set' | 'result' | 'error';
/** Ids are echoed and logged, so their length is not left to strangers. */
export const MAX_ID = 256;
const IQ_TYPES: readonly string[] = ['get', 'set', 'result', 'error'] satisfies IqType[];

export interface Iq {
  readonly type: IqType;
  readonly id: string;
  readonly from: MemberId;
  readonly to: MemberId;
  /** What is asked or answered; an error may quote it. */
  readonly query?: XmlElement | undefined;
  readonly error?: XmlElement | undefined;
}

/** `Node@Domain/resource` → `domain`, for routing. Who a sender is says memberOf. */
export function domainOf(address: string): MemberId {
  const bare = address.split('/', 1)[0] as string;
  return bare.slice(bare.indexOf('@') + 1).toLowerCase();
}

export function encodeIq(iq: Iq): XmlElement {
  return element('iq', STANZA_NAMESPACE, [iq.query, iq.error], { type: iq.type, id: iq.id, from: addressOf(iq.from), to: addressOf(iq.to) });
}

/** Undefined for stanzas that are no IQ, lack what every IQ has (RFC 6120 §8.2.3), have an id of more than 256 characters, or come from no address of a member. */
export function decodeIq(stanza: XmlElement): Iq | undefined {
  const { type, id, from, to } = stanza.attributes;
  if (stanza.name !== 'iq' || !type || !IQ_TYPES.includes(type) || !id || id.length > MAX_ID || !from) return undefined;
  const sender = memberOf(from);
  if (sender === undefined) return undefined;
  const children = childElements(stanza);
  const error = type === 'error' ? children.find((child) => child.name === 'error') : undefined;
  return { type: type as IqType, id, from: sender, to: memberOf(to ?? '') ?? '', query: children.find((child) => child !== error), error };
}
