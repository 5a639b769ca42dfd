import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { readXml } from '../xml/read-xml.js';
import { serialise } from '../xml/serialise.js';
import { CODE_OF_CONDITION, decodeError, encodeError } from './error-codec.js';

const CONDITIONS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const overTheWire = (error: unknown): FogbowError => decodeError(readXml(serialise(encodeError(error), 'jabber:component:accept')));

it.each(Object.keys(ERROR_CATALOGUE) as ErrorCode[])('%s keeps code and text', (code) => {
  expect(overTheWire(new FogbowError(code, 'words & <more>'))).toMatchObject({ code, message: 'words & <more>' });
});

it('writes condition, text and code', () => {
  expect(serialise(encodeError(new FogbowError('quota-exceeded', 'no room')), 'jabber:component:accept')).toBe(
    `<error type="wait"><resource-constraint xmlns="${CONDITIONS}"/><text xmlns="${CONDITIONS}">no room</text><code xmlns="http://fogbowcloud.org/errors">quota-exceeded</code></error>`);
});

it('has a code for every condition of the catalogue', () => {
  const conditions = Object.values(ERROR_CATALOGUE).map(({ xmppCondition }) => xmppCondition);
  expect(conditions.filter((condition) => !CODE_OF_CONDITION[condition])).toEqual([]);
});

it.each<[string, string, ErrorCode]>([
  ['an original', `<error type="cancel"><item-not-found xmlns="${CONDITIONS}"/></error>`, 'not-found'],
  ['a server on the way', `<error type="cancel"><remote-server-not-found xmlns="${CONDITIONS}"/><text xmlns="${CONDITIONS}">gone</text></error>`, 'unavailable'],
  ['Prosody for an absent component', `<error type="wait"><remote-server-timeout xmlns="${CONDITIONS}"/><not-connected xmlns="xmpp:prosody.im/protocol/component"/></error>`, 'unavailable'],
  ['a later version', `<error type="wait"><resource-constraint xmlns="${CONDITIONS}"/><code xmlns="http://fogbowcloud.org/errors">new-code</code></error>`, 'quota-exceeded'],
  ['somebody mean', `<error><gone xmlns="${CONDITIONS}"/><code xmlns="http://fogbowcloud.org/errors">__proto__</code></error>`, 'internal'],
  ['nobody', '<error/>', 'internal'],
])('understands the error of %s', (_who, xml, code) => {
  expect(decodeError(readXml(xml)).code).toBe(code);
});

it('sends unknown errors without their words, and bounds and cleans all words', () => {
  expect(overTheWire(new Error('password hunter2')).message).toBe(ERROR_CATALOGUE.internal.meaning);
  expect(overTheWire(new FogbowError('conflict', `a\u0000\u001b[31m\ud800b${'x'.repeat(5000)}`)).message).toMatch(/^a \[31m bx{900,1000}$/);
});
