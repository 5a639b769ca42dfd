import { createBatcher } from './batcher.js';

describe('a batcher', () => {
  test('sends together what comes together, and answers each its own', async () => {
    const batches: number[][] = [];
    const double = createBatcher<number, number>({ maxItems: 3, splitOnFailure: false, run: (items) => { batches.push([...items]); return Promise.resolve(items.map((n) => n * 2)); } });
    expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(await double(5)).toBe(10);
  });

  test('one bad item spoils no other', async () => {
    const picky = createBatcher<number, number>({ maxItems: 10, splitOnFailure: true, run: (items) => (items.includes(2) ? Promise.reject(new Error('two')) : Promise.resolve(items)) });
    expect(await Promise.allSettled([1, 2, 3].map(picky))).toEqual([
      { status: 'fulfilled', value: 1 }, { status: 'rejected', reason: new Error('two') }, { status: 'fulfilled', value: 3 },
    ]);
  });

  test('what must not be split fails together', async () => {
    const all = createBatcher<number, number>({ maxItems: 10, splitOnFailure: false, run: () => Promise.reject(new Error('away')) });
    expect((await Promise.allSettled([1, 2].map(all))).map((one) => one.status)).toEqual(['rejected', 'rejected']);
  });

  test('has as many calls under way as it may, and what comes then shares the next', async () => {
    const begun: { readonly items: readonly number[]; answer(): void }[] = [];
    const read = createBatcher<number, number>({
      maxItems: 9, maxCalls: 2, splitOnFailure: false, run: (items) => new Promise((resolve) => { begun.push({ items, answer: () => resolve(items) }); }),
    });
    const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    const asked: Promise<number>[] = [];
    for (const item of [1, 2, 3, 4]) {
      asked.push(read(item));
      await turn();
    }
    expect(begun.map(({ items }) => items)).toEqual([[1], [2]]);
    begun[1]?.answer();
    expect(await asked[1]).toBe(2);
    await turn();
    expect(begun.map(({ items }) => items)).toEqual([[1], [2], [3, 4]]);
    for (const { answer } of begun) answer();
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 4]);
  });
});
