import { awaitEvent } from './await-event.js';

test('gives what the probe finds, whatever it threw before', async () => {
  const answers = [undefined, false, new Error('away'), 'there'] as const;
  let looks = 0;
  const found = await awaitEvent('it', () => {
    const answer = answers[looks++];
    if (answer instanceof Error) throw answer;
    return answer;
  }, { everyMs: 1 });
  expect([found, looks]).toEqual(['there', 4]);
});

test('says what was there instead when the patience is over', async () => {
  const patience = { timeoutMs: 20, everyMs: 5 };
  await expect(awaitEvent('it', () => false, { ...patience, seen: () => ({ state: 'open' }) })).rejects.toThrow('waited 0.02 s in vain: it; instead: {"state":"open"}');
  await expect(awaitEvent('it', () => Promise.reject(new Error('refused')), patience)).rejects.toThrow('waited 0.02 s in vain: it; last: refused');
});
