import { createKeyedTurns } from './keyed-turns.js';

it('does one thing at a time for a key, whatever became of the one before', async () => {
  const turns = createKeyedTurns();
  const seen: string[] = [];
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => { go = resolve; });
  const first = turns('a', async () => {
    await gate;
    seen.push('first');
    throw new Error('broken');
  });
  const second = turns('a', () => Promise.resolve(seen.push('second')));
  await turns('b', () => Promise.resolve(seen.push('other')));
  go();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(seen).toEqual(['other', 'first', 'second']);
});
