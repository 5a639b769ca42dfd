import fc from 'fast-check';
import { createJoinedQuestion } from './joined-question.js';

/** Answers by hand, so that the order of things is the test's. */
function stage() {
  const asked: { readonly keys: readonly string[]; answer(): void; fail(): void }[] = [];
  const ask = (keys: readonly string[]): Promise<ReadonlyMap<string, string>> => new Promise((resolve, reject) => {
    asked.push({ keys, answer: () => resolve(new Map(keys.map((key) => [key, `of ${key}`]))), fail: () => reject(new Error(`no answer about ${keys.join(' ')}`)) });
  });
  return { asked, ask };
}
const settled = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

it('sends a lonely question at once, and those that come meanwhile together', async () => {
  const { asked, ask } = stage();
  const question = createJoinedQuestion<string>({ lanes: 1, most: 3 });
  const answers = ['a', 'b', 'c', 'b', 'd'].map((key) => question('account', key, ask));
  expect(asked.map(({ keys }) => keys)).toEqual([['a']]);
  asked[0]?.answer();
  await settled();
  expect(asked[1]?.keys).toEqual(['b', 'c']);
  asked[1]?.answer();
  await settled();
  expect(asked[2]?.keys).toEqual(['d']);
  asked[2]?.answer();
  expect(await Promise.all(answers)).toEqual(['of a', 'of b', 'of c', 'of b', 'of d']);
});

it('goes on while one question hangs', async () => {
  const { asked, ask } = stage();
  const question = createJoinedQuestion<string>({ lanes: 2, most: 3 });
  void question('account', 'hangs', ask);
  const answers = ['b', 'c', 'd'].map((key) => question('account', key, ask));
  asked[1]?.answer();
  await settled();
  expect(asked.map(({ keys }) => keys)).toEqual([['hangs'], ['b'], ['c', 'd']]);
  asked[2]?.answer();
  expect(await Promise.all(answers)).toEqual(['of b', 'of c', 'of d']);
});

it('keeps accounts apart', () => {
  const { asked, ask } = stage();
  const question = createJoinedQuestion<string>({ lanes: 1, most: 3 });
  void question('one', 'a', ask);
  void question('other', 'b', ask);
  expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
});

it('lets the companions of a question that failed ask for themselves', async () => {
  const { asked, ask } = stage();
  const question = createJoinedQuestion<string>({ lanes: 1, most: 3 });
  const outcomes = Promise.allSettled(['a', 'b', 'c'].map((key) => question('account', key, ask)));
  asked[0]?.answer();
  await settled();
  asked[1]?.fail();
  await settled();
  expect(asked.slice(2).map(({ keys }) => keys)).toEqual([['c']]);
  asked[2]?.answer();
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('answers every question with what its own key has, whatever comes when', async () => {
  await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), async (scheduler, keys, most, lanes) => {
    const question = createJoinedQuestion<string>({ lanes, most });
    const ask = scheduler.scheduleFunction((wanted: readonly string[]) => Promise.resolve(new Map(wanted.filter((key) => key !== 'd').map((key) => [key, `of ${key}`]))));
    const answers = keys.map((key) => question('account', key, ask));
    await scheduler.waitFor(Promise.all(answers));
    expect(await Promise.all(answers)).toEqual(keys.map((key) => (key === 'd' ? undefined : `of ${key}`)));
  }));
});
