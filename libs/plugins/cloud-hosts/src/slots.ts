/** At most so many pieces of work at a time; the others wait in order. */
export function createSlots(most: number): { take<Result>(work: () => Promise<Result>): Promise<Result> } {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async take(work) {
      if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else taken += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else taken -= 1;
      }
    },
  };
}
