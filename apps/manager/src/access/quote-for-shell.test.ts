import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { quoteForShell } from './quote-for-shell.js';

const text = fc.array(fc.oneof(fc.constantFrom("'", '"', '\\', '$(id)', '`id`', '\n', '!', '*', ' ', '%s', '-n', '\t', ';', '&', '~', '\r'), fc.string({ unit: 'binary' })), { maxLength: 8 })
  .map((pieces) => pieces.join('').replaceAll('\0', ''));

test('a shell reads back exactly what was quoted', () => {
  fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (words) => {
    const script = `for word in ${words.map(quoteForShell).join(' ')}; do printf '%s\\0' "$word"; done`;
    const { stdout } = spawnSync('sh', ['-s'], { input: script });
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words.map((word) => Buffer.from(word).toString()));
  }), { numRuns: 40 });
});

test('what no shell word can hold is refused', () => {
  expect(() => quoteForShell('a\0b')).toThrow(RangeError);
});
