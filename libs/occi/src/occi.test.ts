import fc from 'fast-check';
import { parseAttributes } from './attribute.js';
import { parseCategory, renderCategory } from './category.js';
import { splitOutsideQuotes } from './split-header.js';

describe('categories', () => {
  test('are read as they are written', () => {
    const word = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(fc.property(word, fc.webUrl(), fc.constantFrom('kind', 'mixin', 'action'), fc.option(fc.stringMatching(/^[a-zA-Z ,;]{1,20}$/).filter((text) => text.trim() === text)), (term, scheme, kind, title) => {
      fc.pre(!scheme.includes('"'));
      const category = { term, scheme, class: kind, ...(title ? { title } : {}) };
      expect(parseCategory(renderCategory(category))).toEqual(category);
    }));
  });
  test('a leading name is tolerated', () => expect(parseCategory('Category: a; scheme="s#"; class="kind"')).toEqual({ term: 'a', scheme: 's#', class: 'kind' }));
  test.each(['', 'a', 'a; scheme="s"', 'a; class="kind"', 'a=b; scheme="s"; class="kind"', 'a; scheme="s"; class="kind"; colour="red"', 'a; scheme=""; class="kind"'])('%j is irregular', (text) => {
    expect(() => parseCategory(text)).toThrow('Irregular Syntax.');
  });
});

describe('attributes', () => {
  test('commas and equals inside quotes are part of the value', () => {
    expect([...parseAttributes(['a="1,2", b = 2', 'c="x=\\"y\\""'])]).toEqual([['a', '1,2'], ['b', '2'], ['c', 'x="y"']]);
  });
  test('requirements keep the quotes of the expression', () => {
    expect(parseAttributes(['r=Glue2CloudComputeManagerID=="a"&&Glue2vCPU>=1']).get('r')).toBe('Glue2CloudComputeManagerID=="a"&&Glue2vCPU>=1');
    expect(parseAttributes(['r="a"==X&&Y=="b"']).get('r')).toBe('"a"==X&&Y=="b"');
  });
  test.each(['a=5" disk, b=2', 'a="1, b=2', 'a="1\\"', 'a="'])('%j is refused: its quotes do not end', (text) => expect(() => parseAttributes([text])).toThrow('Irregular Syntax.'));
  test('a pair without = is refused', () => expect(() => parseAttributes(['a'])).toThrow('unsupported attributes'));
});

test('splitting takes time in proportion to length and loses nothing but blanks', () => {
  const partsOf = (text: string): string[] => {
    try {
      return splitOutsideQuotes(text, ',');
    } catch {
      return [text];
    }
  };
  fc.assert(fc.property(fc.string(), (text) => {
    expect(partsOf(text).join('').replace(/[\s,]/g, '').length).toBeLessThanOrEqual(text.replace(/\s/g, '').length);
  }));
  expect(splitOutsideQuotes(`${'"'.repeat(100_000)},`, ',')).toHaveLength(1);
});
