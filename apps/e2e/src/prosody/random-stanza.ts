import fc from 'fast-check';

/** What a stranger may know of others: their addresses, and ids of their orders and machines. */
export interface Known {
  readonly self: string;
  readonly target: string;
  /** A member whom the stranger may pretend to be. */
  readonly victim: string;
  readonly orderId: string;
  readonly instanceId: string;
}

const SUFFIXES = [
  'rendezvous/iamalive', 'rendezvous/whoisalive', 'rendezvous/synch/whoisalive', 'manager/order', 'manager/request', 'manager/getinstance', 'manager/removeinstance',
  'manager/removeorder', 'manager/instancebeingused', 'manager/getremoteuserquota', 'manager/storagelink', 'manager/removestoragelink', 'manager/orderstate', 'manager/instanceaction', 'nothing/of/the/kind',
];
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[\u0000-\u001f\ufffe\uffff]|\p{Cs}/gu, '');

/** Well-formed stanzas, right ones bent at random and pure nonsense; none is an order that may be served. */
export function randomStanza(known: Known): fc.Arbitrary<string> {
  const id = fc.oneof(
    fc.constantFrom(known.orderId, `${known.orderId}.1`, `${known.orderId}.2`, known.instanceId, `${known.instanceId}@${known.target}`, `${known.instanceId}@${known.victim}`),
    fc.uuid(), fc.string({ maxLength: 20 }), fc.constantFrom('', '__proto__', '-1', '1e999', '../..', `x'; drop table orders; --`, 'x'.repeat(5000)),
  ).map(escape);
  const text = fc.oneof(id, fc.string({ unit: 'grapheme', maxLength: 40 }).map(escape), fc.constantFrom('{"a":1}', '&lt;x/&gt;', '<![CDATA[<b>]]>'));
  const leaf = fc.constantFrom('id', 'state', 'accessId', 'name', 'class', 'term', 'scheme', 'value', 'max', 'after', 'cert', 'attempt', 'target', 'source', 'deviceId');
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof({ maxDepth: 4, withCrossShrink: true },
      fc.tuple(leaf, text).map(([name, value]) => `<${name}>${value}</${name}>`),
      // Without a category no order is one that a member would serve.
      fc.tuple(fc.constantFrom('order', 'instance', 'token', 'user', 'attribute', 'link', 'set', 'managers', 'storageLink', 'resource'), fc.array(tie('node'), { maxLength: 4 }), id)
        .map(([name, inner, value]) => `<${name} var="${value}" val="${value}">${inner.join('')}</${name}>`)),
  }));
  const right = fc.constantFrom(`<order><id>${known.orderId}</id></order>`, `<instance><id>${known.instanceId}</id></instance>`, `<order><id>${known.orderId}</id></order><instance><id>${known.instanceId}@${known.target}</id></instance>`,
    `<order><id>${known.orderId}</id></order><attempt>99</attempt>`, `<instance><id>forged</id><state>RUNNING</state></instance>`);
  const query = fc.tuple(fc.constantFrom(...SUFFIXES), fc.oneof(right, fc.array(node, { maxLength: 4 }).map((parts) => parts.join(''))), fc.constantFrom('query', 'query', 'query', 'x'))
    .map(([suffix, inner, name]) => `<${name} xmlns="http://fogbowcloud.org/${suffix}">${inner}</${name}>`);
  const deep = fc.integer({ min: 30, max: 2000 }).map((levels) => `<query xmlns="http://fogbowcloud.org/manager/order">${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</query>`);
  // What servers have been seen to read well and to write badly.
  const odd = fc.constantFrom('<xml:a/>', '<query xmlns="http://fogbowcloud.org/manager/order" xml:lang="de" xml:x="1"/>', '<p:query xmlns:p="http://fogbowcloud.org/manager/getinstance" p:a="1"><p:instance/></p:query>', '<query xmlns=""/>',
    '<stream:error xmlns:stream="http://etherx.jabber.org/streams"><conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>', '<handshake xmlns="jabber:component:accept"/>');
  const huge = fc.integer({ min: 100_000, max: 500_000 }).map((size) => `<query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>${'x'.repeat(size)}</id></instance></query>`);
  const error = fc.constantFrom('item-not-found', 'internal-server-error', 'gone', 'conflict').map((condition) => `<error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`);
  const content = fc.oneof({ weight: 30, arbitrary: query }, { weight: 4, arbitrary: fc.tuple(query, error).map((both) => both.join('')) }, { weight: 4, arbitrary: error },
    { weight: 2, arbitrary: fc.constant('') }, { weight: 2, arbitrary: odd }, { weight: 1, arbitrary: deep }, { weight: 1, arbitrary: huge });
  const type = fc.constantFrom('get', 'set', 'get', 'set', 'result', 'error', 'what', '');
  const from = fc.constantFrom(known.self, known.self, `${known.self}/x`, `somebody@${known.self}/x`);
  return fc.tuple(fc.constantFrom('iq', 'iq', 'iq', 'iq', 'message', 'presence'), type, id, from, content)
    .map(([name, kind, iqId, sender, inner]) => `<${name} type="${kind}" id="${iqId}" from="${sender}" to="${known.target}">${inner}</${name}>`);
}

/** As many levels as fit: what is quadratic in them would take minutes. */
export const deepestStanza = ({ self, target }: Known): string =>
  `<iq type="set" id="deep" from="${self}" to="${target}">${'<a>'.repeat(60_000)}${'</a>'.repeat(60_000)}</iq>`;

/** What costs a stranger the connection: no XML, more than the server takes, or somebody else's name. */
export function fatalInputs({ self, target, victim, orderId }: Known): string[] {
  const answer = (from: string): string => `<iq type="result" id="${orderId}.1" from="${from}" to="${target}"><query xmlns="http://fogbowcloud.org/manager/order"><instance><id>forged</id></instance></query></iq>`;
  return [
    '<iq><query></iq>', '<!DOCTYPE x [<!ENTITY a "b">]><iq/>', '<?php x?>', '\u0000', '<iq \u0001/>', '&unknown;', '</stream:stream>', '<<<',
    `<iq type="get" id="1" from="${self}" to="${target}">${'x'.repeat(600 * 1024)}</iq>`,
    answer(victim), answer(`${victim}/x`), answer(`x@${victim}`), answer(target),
  ];
}
