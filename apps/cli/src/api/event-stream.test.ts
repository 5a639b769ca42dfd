import fc from 'fast-check';
import { createEventStreamParser } from './event-stream.js';
import type { StreamMessage } from './event-stream.js';

function parse(...chunks: string[]): StreamMessage[] {
  const parser = createEventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

test.each<[string, string, StreamMessage[]]>([
  ['a message', 'id: 7\nevent: order\ndata: {"a":1}\n\n', [{ id: '7', event: 'order', data: '{"a":1}' }]],
  ['data over several lines', 'data: one\ndata:two\n\n', [{ event: 'message', data: 'one\ntwo' }]],
  ['comments and unknown fields', ': hello\nretry: 10\nwhat\ndata: x\n\n', [{ event: 'message', data: 'x' }]],
  ['nothing without data', 'id: 1\n\n', []],
  ['a colon inside', 'data: a: b\n\n', [{ event: 'message', data: 'a: b' }]],
  ['an unfinished message', 'data: x\n', []],
  ['every end of line', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', [{ event: 'message', data: 'a' }, { event: 'message', data: 'b' }, { event: 'message', data: 'c' }]],
])('%s', (_name, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('tells the last id, with data or without, once its message is whole', () => {
  const parser = createEventStreamParser();
  parser.push('id: 7\n');
  expect(parser.lastId).toBeUndefined();
  parser.push('\nid: 8\n\ndata: x\n\nid: 9\n');
  expect(parser.lastId).toBe('8');
});

test('the cuts between pieces change nothing', () => {
  const line = fc.constantFrom('data: x', 'data:', 'id: 3', 'event: order', ': note', '', '');
  const end = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(fc.property(fc.array(fc.tuple(line, end), { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 5 }), (parts, cuts) => {
    const text = `${parts.map((part) => part.join('')).join('')}data: z\n\n`;
    const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
    const chunks = places.slice(1).map((place, index) => text.slice(places[index], place));
    expect(parse(...chunks)).toEqual(parse(text));
  }));
});

test('an endless line is refused', () => {
  expect(() => parse('x'.repeat(1_000_001))).toThrow('endless');
});
