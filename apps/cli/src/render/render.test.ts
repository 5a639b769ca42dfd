import fc from 'fast-check';
import { renderAge } from './age.js';
import { renderJson } from './json.js';
import { renderOcciAccounting, renderOcciOrder, renderOcciUsage } from './occi.js';
import { printable } from './printable.js';
import { renderFields, renderTable } from './table.js';

test('columns are as wide as their widest value, the last is cut', () => {
  const columns = [{ title: 'A', value: (row: string[]) => row[0] }, { title: 'N', value: (row: string[]) => row[1], align: 'right' as const }, { title: 'T', value: (row: string[]) => row[2] }];
  expect(renderTable([['long one', '7', 'text'], ['x', '10', undefined as never]], columns, { none: '-', width: 16 })).toBe('A          N  T\nlong one   7  t…\nx         10  -');
  expect(renderTable([], columns, { none: 'Nothing.' })).toBe('Nothing.');
  expect(renderFields([['a', 1], ['long', 'x'], ['none', undefined]])).toBe('a     1\nlong  x');
});

test('no output obeys a foreign text', () => {
  const risky = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(printable(text)).not.toMatch(risky);
    expect(renderJson({ text })).not.toMatch(risky);
    expect((JSON.parse(renderJson({ text })) as { text: string }).text).toBe(text);
    expect(renderOcciOrder({ id: 'x', kind: 'compute', state: 'open', title: text, flavor: text })).not.toMatch(risky);
  }));
});

test.each([['2030-01-01T00:00:00Z', '0s'], ['2029-12-31T23:59:20Z', '40s'], ['2029-12-31T23:00:00Z', '1h'], ['2029-12-01T00:00:00Z', '31d'], ['2031-01-01T00:00:00Z', '0s'], ['x', undefined], [undefined, undefined]])('%s was %s ago', (at, age) => {
  expect(renderAge(at, new Date('2030-01-01T00:00:00Z'))).toBe(age);
});

test('numbers as the original printed them', () => {
  expect(renderOcciUsage('m', { computeUsage: 1 / 3, storageUsage: 2 })).toBe('X-OCCI-Attribute: memberId=m\nX-OCCI-Attribute: compute usage=0.333333\nX-OCCI-Attribute: storage usage=2.0');
  expect(renderOcciAccounting([])).toBe('There is not accounting information.');
});
