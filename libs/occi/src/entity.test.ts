import fc from 'fast-check';
import { parseAttributes } from './attribute.js';
import { parseCategory } from './category.js';
import { entityJson, headerText, renderEntityHeaders, renderEntityLines, textOfHeader } from './entity.js';
import type { Entity } from './entity.js';
import { parseEntityJson } from './json-input.js';
import { parseLinks, renderLink } from './link.js';
import { parseIdentifier, renderResource } from './resource.js';

const KIND = { term: 'thing', scheme: 'http://example.org/s#', class: 'kind' };
const entity = (attributes: Entity['attributes']): Entity => ({ id: 'urn:x', kind: KIND, mixins: [], attributes, links: [] });
const coded = (work: () => unknown): unknown => { try { return work(); } catch (error) { return (error as { code?: string }).code; } };

test('a resource header has its parts in the order of the original', () => {
  expect(renderResource({ ...KIND, location: '/l/', title: 'T', rel: 'r', attributes: [{ name: 'a' }, { name: 'b', immutable: true }], actions: ['x#go'] }))
    .toBe('thing; scheme="http://example.org/s#"; class="kind"; title="T"; rel="r"; location="/l/"; attributes="a b{immutable}"; actions="x#go"');
  expect(renderResource({ ...KIND, attributes: [], actions: [] })).toBe('thing; scheme="http://example.org/s#"; class="kind"');
});

test('whatever a value holds, it comes back out of the headers', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
    const { headers } = renderEntityHeaders(entity([['a', value], ['b', '2']]));
    const header = headers['X-OCCI-Attribute'] ?? '';
    expect(header).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
    const back = parseAttributes([textOfHeader(header)]);
    expect([back.get('a'), back.get('b')]).toEqual([value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '), '2']);
  }));
});

test('whatever a value holds, it stays on its line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', ' '), (value, end) => {
    const lines = renderEntityLines(entity([['a', `x\r\n${value}`], ['b', '2']]), end).split(/[\r\n\u2028\u2029]/);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe(`X-OCCI-Attribute: b="2"${end}`);
  }));
});

test('JSON leaves out what is not known', () => {
  expect(entityJson(entity([['a', '1'], ['b', 'unknown']]), 'unknown')).toEqual({ kind: 'http://example.org/s#thing', mixins: [], attributes: { a: '1' }, id: 'urn:x', links: [] });
});

describe('input', () => {
  test('JSON becomes categories and attributes', () => {
    const { categories, attributes } = parseEntityJson({ kind: 'http://s#order', mixins: ['http://t#small'], attributes: { n: 2, t: true }, title: 'x' });
    expect(categories).toEqual([{ term: 'order', scheme: 'http://s#', class: 'kind' }, { term: 'small', scheme: 'http://t#', class: 'mixin' }]);
    expect([...attributes]).toEqual([['n', '2'], ['t', 'true'], ['occi.core.title', 'x']]);
  });
  test.each([[null], [[]], ['x'], [{}], [{ kind: 3 }], [{ kind: 'no-hash' }], [{ kind: 'a#b', mixins: 'x' }], [{ kind: 'a#b', attributes: [] }], [{ kind: 'a#b', surprise: 1 }]])('%j is irregular', (body) => {
    expect(coded(() => parseEntityJson(body))).toBe('bad-syntax');
  });
  test('attributes that are no plain values are refused', () => expect(coded(() => parseEntityJson({ kind: 'a#b', attributes: { x: { y: 1 } } }))).toBe('unsupported-attribute'));
  test('links are read as they are written', () => {
    const link = { target: '/network/1', rel: 'http://x#network', self: '/l/1', category: 'c', attributes: [['a', 'b, c; d']] as const };
    expect(parseLinks([`${renderLink(link)}, ${renderLink(link)}`])).toEqual([link, link]);
    expect(coded(() => parseLinks(['/network/1; rel="x"']))).toBe('bad-syntax');
  });
  test('nothing that a header may hold breaks the parsers or takes long', () => {
    const parsers = [(text: string) => parseCategory(text), (text: string) => parseAttributes([text]), (text: string) => parseLinks([text]), (text: string) => parseIdentifier(text, 'kind'), textOfHeader, headerText];
    const known = [undefined, 'bad-syntax', 'unsupported-attribute'];
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.nat(5), (text, which) => {
      const result = coded(() => { parsers[which]?.(text); return undefined; });
      expect(known).toContain(result);
    }), { numRuns: 1000 });
    for (const piece of ['"', '\\', ';', ',', '=', ' ', '<', 'a#', '"\\']) {
      const begun = performance.now();
      for (const parse of parsers) coded(() => parse(piece.repeat(65_536)));
      expect(performance.now() - begun).toBeLessThan(2000);
    }
  });
});
