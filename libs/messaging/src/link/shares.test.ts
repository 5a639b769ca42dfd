import fc from 'fast-check';
import { createMemoryNetwork } from '../memory/memory-network.js';
import { GETINSTANCE } from '../messages/getinstance.js';
import { createShares } from './shares.js';

const ask = { instanceId: 'i' };
const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error: { code: string }) => error.code);

async function open() {
  const network = createMemoryNetwork();
  const [busy, slow, quick] = [network.link('busy.test', { maxInFlight: 8 }), network.link('slow.test'), network.link('quick.test')];
  await Promise.all([busy, slow, quick].map((link) => link.start()));
  return { busy, slow, quick, stop: () => Promise.all([busy, slow, quick].map((link) => link.stop())) };
}

it('a member that never answers leaves room for questions to the others', async () => {
  const { busy, slow, quick, stop } = await open();
  slow.handle(GETINSTANCE, async () => 'later');
  quick.handle(GETINSTANCE, async () => ({ ...ask, attributes: {} }));
  const stuck = Array.from({ length: 8 }, () => codeOf(busy.request('slow.test', GETINSTANCE, ask, { timeoutMs: 300 })));
  expect(await codeOf(busy.request('quick.test', GETINSTANCE, ask))).toBe('done');
  expect((await Promise.all(stuck)).sort()).toEqual([...Array.from({ length: 6 }, () => 'timeout'), 'too-many-requests', 'too-many-requests']);
  await stop();
});

it('a member that floods us leaves room for the questions of others', async () => {
  const { busy, slow, quick, stop } = await open();
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => { finish = resolve; });
  busy.handle(GETINSTANCE, async (from) => {
    if (from === 'slow.test') await ended;
    return { ...ask, attributes: {} };
  });
  const flood = Array.from({ length: 8 }, () => codeOf(slow.request('busy.test', GETINSTANCE, ask)));
  expect(await codeOf(quick.request('busy.test', GETINSTANCE, ask))).toBe('done');
  finish();
  expect((await Promise.all(flood)).sort()).toEqual([...Array.from({ length: 6 }, () => 'done'), 'too-many-requests', 'too-many-requests']);
  expect(await codeOf(slow.request('busy.test', GETINSTANCE, ask))).toBe('done');
  await stop();
});

it('never gives out more than there is, and gets all back', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 100 }), (max, steps) => {
    const shares = createShares(max);
    const held: [string, () => void][] = [];
    for (const [member, isTaking] of steps) {
      const leave = isTaking ? shares.take(member) : undefined;
      if (leave) held.push([member, leave]);
      else if (!isTaking) held.shift()?.[1]();
      expect(held.length).toBeLessThanOrEqual(max);
      expect(held.filter(([of]) => of === member).length).toBeLessThanOrEqual(Math.ceil(max * 3 / 4));
    }
    for (const [, leave] of held) { leave(); leave(); }
    expect(Array.from({ length: max }, (_, index) => shares.take(`m${index}`)).every(Boolean)).toBe(true);
  }));
});

it('answers that nobody waits for are taken in bounded numbers', async () => {
  const { busy, slow, quick, stop } = await open();
  const heard = { 'slow.test': 0, 'quick.test': 0 };
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => { finish = resolve; });
  const last = new Promise<void>((resolve) => {
    busy.onLateReply(GETINSTANCE, async (from) => {
      heard[from as keyof typeof heard] += 1;
      if (from === 'quick.test') resolve();
      await ended;
    });
  });
  for (let count = 0; count < 100; count += 1) await slow.answer('busy.test', GETINSTANCE, `late-${count}`, { ...ask, attributes: {} });
  await quick.answer('busy.test', GETINSTANCE, 'late', { ...ask, attributes: {} });
  await last;
  expect(heard).toEqual({ 'slow.test': 24, 'quick.test': 1 });
  finish();
  await stop();
});
