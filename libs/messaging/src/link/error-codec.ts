import type { ErrorCode } from '@fogbow/plugin-contracts';
import { asFogbowError, ERROR_CATALOGUE, FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement } from '../xml/element.js';
import { childElements, element, textOf } from '../xml/element.js';
import { STANZA_NAMESPACE } from './stanza.js';

const CONDITIONS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
/** Our application-specific condition (RFC 6120 §8.3.4): the code of the catalogue, which says more than the condition. */
const ERRORS = 'http://fogbowcloud.org/errors';
const MAX_TEXT = 1000;

type ErrorType = 'auth' | 'cancel' | 'modify' | 'wait';
const ERROR_TYPES: Readonly<Record<string, ErrorType>> = {
  'bad-request': 'modify', 'not-acceptable': 'modify', 'policy-violation': 'modify', 'not-authorized': 'auth', forbidden: 'auth',
  'resource-constraint': 'wait', 'remote-server-timeout': 'wait',
};

/** What a condition means when the peer sent no code, such as a server on the way or an original. */
export const CODE_OF_CONDITION: Readonly<Record<string, ErrorCode>> = {
  'bad-request': 'bad-syntax',
  'jid-malformed': 'bad-syntax',
  'not-authorized': 'unauthenticated',
  forbidden: 'forbidden',
  'not-allowed': 'forbidden',
  'item-not-found': 'not-found',
  'feature-not-implemented': 'method-not-allowed',
  'not-acceptable': 'not-acceptable',
  conflict: 'conflict',
  'policy-violation': 'too-many-requests',
  'resource-constraint': 'quota-exceeded',
  'internal-server-error': 'internal',
  'service-unavailable': 'unavailable',
  'recipient-unavailable': 'unavailable',
  'remote-server-not-found': 'unavailable',
  // So says Prosody of a component that is not connected.
  'remote-server-timeout': 'unavailable',
};

/** The `<error>` of an IQ. What is no error of the catalogue goes out as `internal` without its text, which may tell too much. */
export function encodeError(error: unknown): XmlElement {
  const { code, entry, message } = asFogbowError(error);
  const text = isFogbowError(error) ? message : entry.meaning;
  return element('error', STANZA_NAMESPACE, [
    element(entry.xmppCondition, CONDITIONS),
    element('text', CONDITIONS, [printable(text)]),
    element('code', ERRORS, [code]),
  ], { type: ERROR_TYPES[entry.xmppCondition] ?? 'cancel' });
}

export function decodeError(error: XmlElement | undefined): FogbowError {
  const children = childElements(error);
  const code = children.find((child) => child.namespace === ERRORS && child.name === 'code');
  const condition = children.find((child) => child.namespace === CONDITIONS && child.name !== 'text');
  const text = children.find((child) => child.namespace === CONDITIONS && child.name === 'text');
  const known = codeNamed(code && textOf(code).trim()) ?? CODE_OF_CONDITION[condition?.name ?? ''] ?? 'internal';
  return new FogbowError(known, printable(textOf(text)) || ERROR_CATALOGUE[known].meaning);
}

function codeNamed(name: string | undefined): ErrorCode | undefined {
  return name !== undefined && Object.hasOwn(ERROR_CATALOGUE, name) ? (name as ErrorCode) : undefined;
}

/** Foreign words end in logs and answers: bounded, and nothing that XML or a terminal would choke on. */
function printable(text: string): string {
  return text.slice(0, MAX_TEXT).replace(/[\p{Cc}\p{Cs}\ufffe\uffff]+/gu, ' ').trim();
}
