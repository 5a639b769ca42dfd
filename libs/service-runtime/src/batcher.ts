import { withCorrelation } from './correlation.js';

/**
 * Makes one call of many: items that come while a call is under way travel together in the next. Under light load nothing
 * waits; under heavy load the cost of a call is shared. A batch that fails as a whole is tried again item by item, so that one bad item
 * spoils no other; where `splitOnFailure` says false its error goes to all.
 */
export interface BatcherOptions<Item, Result> {
  readonly maxItems: number;
  /** How many calls may be under way at once; default 1. More keep a slow one from holding up all others, and share less. */
  readonly maxCalls?: number;
  readonly splitOnFailure: boolean | ((error: unknown) => boolean);
  /** Results in the order of the items. */
  run(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { splitOnFailure, maxCalls = 1 } = options;
  const splits = (error: unknown): boolean => (typeof splitOnFailure === 'function' ? splitOnFailure(error) : splitOnFailure);
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  const runBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await options.run(batch.map((one) => one.item));
      batch.forEach((one, index) => one.resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || !splits(error)) for (const one of batch) one.reject(error);
      else for (const one of batch) await runBatch([one]);
    }
  };
  const drain = async (): Promise<void> => {
    running += 1;
    while (waiting.length > 0) await runBatch(waiting.splice(0, options.maxItems));
    running -= 1;
  };
  return (item) => new Promise((resolve, reject) => {
    waiting.push({ item, resolve, reject });
    // One turn of the event loop later, so that what arrives together leaves together; and in nobody's name, since it is done for many.
    if (running < maxCalls && waiting.length === 1) withCorrelation(undefined, () => setImmediate(() => void drain()));
  });
}
