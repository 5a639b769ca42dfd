import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { XmlElement } from '../xml/element.js';
import { element } from '../xml/element.js';
import { addressOf, memberOf } from './address.js';
import { encodeError } from './error-codec.js';
import { MAX_ID, STANZA_NAMESPACE } from './stanza.js';

/** The answer to a request from an address that is nobody's member, such as a person at a chat client; undefined for anything else. */
export function refuseStranger(stanza: XmlElement, self: MemberId): XmlElement | undefined {
  const { type, id, from } = stanza.attributes;
  if (stanza.name !== 'iq' || (type !== 'get' && type !== 'set') || !id || id.length > MAX_ID || !from || memberOf(from) !== undefined) return undefined;
  const error = encodeError(new FogbowError('forbidden', 'Only members of the federation are answered.'));
  return element('iq', STANZA_NAMESPACE, [error], { type: 'error', id, from: addressOf(self), to: from });
}
