import fc from 'fast-check';
import { allocatePort } from './allocate-port.js';
import { createPortTable } from './port-table.js';

const FROM = 100;
const REST = 50;
type Step = { readonly do: 'allocate' | 'release' | 'wait'; readonly holder: number; readonly by: number };
const step: fc.Arbitrary<Step> = fc.record({ do: fc.constantFrom('allocate', 'allocate', 'release', 'wait'), holder: fc.nat(12), by: fc.nat(60) });

test('no port is given twice, foreign ports are skipped, rests are kept, and a refusal means that nothing was left', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), fc.uniqueArray(fc.nat(7)), fc.uniqueArray(fc.nat(9)), async (steps, size, foreign, kept) => {
    const reserved = new Set(kept.map((port) => FROM + port));
    const table = createPortTable({ from: FROM, to: FROM + size - 1, reserved }, REST);
    const held = new Map<number, string>();
    const freeAt = new Map<number, number>();
    const isForeign = (port: number): boolean => foreign.includes(port - FROM);
    let now = 0;
    for (const { do: what, holder, by } of steps) {
      const name = `grant-${holder}`;
      if (what === 'wait') now += by;
      if (what === 'release') {
        for (const [port, owner] of [...held]) if (owner === name) { table.release(port, now); held.delete(port); freeAt.set(port, now + REST); }
      }
      if (what === 'allocate') {
        const free = Array.from({ length: size }, (_, index) => FROM + index).filter((port) => !held.has(port) && !reserved.has(port) && !isForeign(port) && (freeAt.get(port) ?? 0) <= now);
        const given = await allocatePort(table, name, async (port) => !isForeign(port), () => now);
        if ('refused' in given) expect(free).toEqual([]);
        else {
          expect(free).toContain(given.port);
          held.set(given.port, name);
        }
      }
      expect(table.counts(now).taken).toBe(held.size);
    }
  }));
});

test('exhaustion is said in numbers', async () => {
  const table = createPortTable({ from: 1, to: 4 }, REST);
  table.claim(1, 'a', 0);
  table.claim(2, 'b', 0);
  table.release(2, 0);
  expect(await allocatePort(table, 'c', async () => false, () => 1)).toEqual({
    refused: 'No public port is free: of 4, 1 are taken, 1 rest after use and 2 are in use by other programs.',
  });
});

test.each([
  ['a free port', 5, 'me', 0, undefined],
  ['its own port again', 2, 'a', 0, undefined],
  ['a port of another', 2, 'me', 0, 'Port 2 belongs to another grant.'],
  ['a port outside the range', 11, 'me', 0, 'Port 11 is not in the range 1 to 10.'],
  ['a resting port', 3, 'me', REST - 1, 'Port 3 was released a moment ago and rests.'],
  ['a rested port', 3, 'me', REST, undefined],
  ['its own resting port', 3, 'b', 1, undefined],
  ['a reserved port', 7, 'me', 0, 'Port 7 is reserved.'],
  ['a reserved port that it has', 8, 'c', 0, undefined],
])('claiming %s', (_what, port, holder, now, expected) => {
  const table = createPortTable({ from: 1, to: 10, reserved: new Set([7, 8]) }, REST);
  table.restore(8, 'c');
  table.claim(2, 'a', 0);
  table.claim(3, 'b', 0);
  table.release(3, 0);
  expect(table.claim(port, holder, now)).toBe(expected);
});

test('an allocation goes on with the next port when another took the first while it looked', async () => {
  const table = createPortTable({ from: 1, to: 3 }, REST);
  const both = await Promise.all(['a', 'b'].map((holder) => allocatePort(table, holder, async () => true, () => 0)));
  expect(new Set(both.map((given) => ('port' in given ? given.port : 0)))).toEqual(new Set([1, 2]));
});

test('a restored port may lie outside a range that was moved', () => {
  const table = createPortTable({ from: 1, to: 3 }, REST);
  expect(table.restore(99, 'a')).toBeUndefined();
  expect(table.claim(99, 'a', 0)).toBeUndefined();
  expect(table.restore(99, 'b')).toBe('Port 99 belongs to another grant.');
  expect(table.counts(0)).toEqual({ total: 3, taken: 0, resting: 0 });
});
