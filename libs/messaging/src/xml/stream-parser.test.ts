import fc from 'fast-check';
import type { XmlElement } from './element.js';
import { element, textOf } from './element.js';
import { readXml } from './read-xml.js';
import { serialise } from './serialise.js';
import type { StreamLimits } from './stream-parser.js';
import { createStreamParser } from './stream-parser.js';

const HEADER = '<?xml version="1.0"?><stream:stream xmlns="urn:s" xmlns:stream="http://etherx.jabber.org/streams" to="a.test" id="7">';
const LIMITS: StreamLimits = { maxStanza: 1000, maxDepth: 4 };

function read(chunks: readonly (string | Uint8Array)[], limits = LIMITS) {
  const events: unknown[] = [];
  const stanzas: XmlElement[] = [];
  const parser = createStreamParser(limits, {
    opened: (header) => events.push(['opened', header]),
    stanza: (stanza) => { stanzas.push(stanza); events.push(['stanza', stanza.name]); },
    closed: () => events.push(['closed']),
    failed: (condition) => events.push(['failed', condition]),
    skipped: (name) => events.push(['skipped', name]),
  });
  for (const chunk of chunks) parser.write(chunk);
  return { events, stanzas };
}

const legalText = fc.string({ unit: 'binary', maxLength: 30 })
  .filter((text) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(text));
const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,8}$/).filter((text) => !/^xml/i.test(text));
const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.record({
    name,
    namespace: fc.constantFrom('urn:s', 'urn:a', 'urn:b&"'),
    attributes: fc.dictionary(name, legalText, { maxKeys: 3, noNullPrototype: true }),
    children: fc.oneof({ maxDepth: 3 },
      fc.constant([]),
      legalText.filter((text) => text !== '').map((text) => [text]),
      fc.array(tie('tree'), { maxLength: 3 })),
  }),
}));

it('reads what serialise writes, in whatever packets it comes', () => {
  fc.assert(fc.property(tree, fc.integer({ min: 1, max: 7 }), (wanted, size) => {
    const bytes = Buffer.from(HEADER + serialise(wanted, 'urn:s'));
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
    expect(read(chunks, { maxStanza: 100_000, maxDepth: 32 }).stanzas).toEqual([wanted]);
  }), { numRuns: 200 });
});

it('refuses to write what XML cannot hold', () => {
  for (const bad of ['\u0000', '\u001b', '\ufffe', '\ud800', '\udc00x']) {
    expect(() => serialise(element('a', '', [bad]))).toThrow(expect.objectContaining({ code: 'bad-syntax' }));
    expect(() => serialise(element('a', '', [], { b: bad }))).toThrow(expect.objectContaining({ code: 'bad-syntax' }));
  }
});

it('reports the header, the stanzas and the end', () => {
  const { events } = read([HEADER, '<a/>', ' \n<b><c/></b></stream:stream>']);
  expect(events).toEqual([['opened', { to: 'a.test', id: '7' }], ['stanza', 'a'], ['stanza', 'b'], ['closed']]);
});

it('keeps prefixed attributes valid', () => {
  const stanza = readXml('<a xmlns:p="urn:p" p:k="1" xml:lang="de"><p:b/></a>', 'urn:s');
  expect(serialise(stanza, 'urn:s')).toBe('<a xmlns:p="urn:p" p:k="1" xml:lang="de"><b xmlns="urn:p"/></a>');
});

it('takes CDATA as text', () => expect(textOf(readXml('<a>1<![CDATA[<2>]]>3</a>'))).toBe('1<2>3'));

it.each<[string, string, string]>([
  ['a document type', '<!DOCTYPE a [<!ENTITY x "boom">]><stream:stream/>', 'restricted-xml'],
  ['an entity of its own', `${HEADER}<a>&x;</a>`, 'not-well-formed'],
  ['a comment', `${HEADER}<!-- x -->`, 'restricted-xml'],
  ['a processing instruction', `${HEADER}<?php x?>`, 'restricted-xml'],
  ['crossed elements', `${HEADER}<a><b></a></b>`, 'not-well-formed'],
  ['an undeclared prefix', `${HEADER}<p:a/>`, 'not-well-formed'],
  ['an attribute twice', `${HEADER}<a b="1" b="2"/>`, 'not-well-formed'],
  ['another first element', '<a/>', 'invalid-namespace'],
  ['text between stanzas', `${HEADER}<a/>hello<b/>`, 'bad-format'],
  ['deep nesting', `${HEADER}${'<a>'.repeat(5)}`, 'policy-violation'],
  ['a large stanza', `${HEADER}<a>${'x'.repeat(1001)}</a>`, 'policy-violation'],
  ['a large attribute that never ends', `${HEADER}<a b="${'x'.repeat(1001)}`, 'policy-violation'],
  ['a large header', `<stream:stream a="${'x'.repeat(1001)}`, 'policy-violation'],
  ['what is no XML', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
])('refuses %s', (_what, input, condition) => {
  const { events } = read([input, '<later/>']);
  expect(events.at(-1)).toEqual(['failed', condition]);
  expect(events).not.toContainEqual(['stanza', 'later']);
});

it('refuses what is not UTF-8', () => {
  expect(read([HEADER, Buffer.from([0x3c, 0x61, 0x3e, 0xff])]).events.at(-1)).toEqual(['failed', 'bad-format']);
});

it('never throws, whatever comes', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(HEADER, '<a>', '</a>', '<a b="', '"/>', ']]>', '&', '<!')), { maxLength: 8 }), (chunks) => {
    read(chunks);
  }));
});

it('measures a stanza alone, however it is cut', () => {
  const fits = `<a>${'x'.repeat(993)}</a>`;
  fc.assert(fc.property(fc.integer({ min: 1, max: 3000 }), (size) => {
    const text = HEADER + fits.repeat(4);
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
    expect(read(chunks).stanzas).toHaveLength(4);
  }), { numRuns: 30 });
  expect(read([HEADER, fits, fits.replace('x', 'xx')]).events.at(-1)).toEqual(['failed', 'policy-violation']);
});

it('skips an oversized stanza where told to, up to a point', () => {
  const skip = { ...LIMITS, skipOversized: true };
  expect(read([HEADER, '<a><b>', 'x'.repeat(900), '</b><c>', 'x'.repeat(900), '</c></a><d/>'], skip).events.slice(1)).toEqual([['skipped', 'a'], ['stanza', 'd']]);
  expect(read([HEADER, '<a>', ...Array.from({ length: 20 }, () => 'x'.repeat(1000))], skip).events.at(-1)).toEqual(['failed', 'policy-violation']);
});

it.each<[string, string]>([
  ['deep nesting', `<a>${'<b>'.repeat(50_000)}${'</b>'.repeat(50_000)}</a>`],
  ['deep nesting with prefixes', `<a>${'<p:b xmlns:p="urn:p">'.repeat(10_000)}${'</p:b>'.repeat(10_000)}</a>`],
  ['the namespace of XML itself', '<a><b xmlns="http://www.w3.org/XML/1998/namespace"/></a>'],
  ['an undeclared prefix', '<a><p:b/></a>'],
  ['an undeclared prefix of an attribute', '<a><b p:c="1"/></a>'],
])('skips a stanza with %s where told to', (_what, stanza) => {
  const skip = { maxStanza: 500_000, maxDepth: 4, skipOversized: true };
  expect(read([HEADER, '<before/>', stanza, '<after/>'], skip).events.slice(1)).toEqual([['stanza', 'before'], ['skipped', 'a'], ['stanza', 'after']]);
});

it('does not skip what leaves no way to tell where it ends', () => {
  const skip = { ...LIMITS, skipOversized: true };
  for (const bad of ['<a><b></a>', '<a>&x;</a>', '<!DOCTYPE a>', '<a <b']) expect(read([HEADER, bad, '<after/>'], skip).events.at(-1)?.[0 as never]).toBe('failed');
});
