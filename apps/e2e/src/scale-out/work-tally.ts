/** Counters of processes that begin at nothing whenever a process is started again. */
export interface Tally {
  /** Takes note of what the counters say; best before a process dies. */
  look(): Promise<void>;
  /** What the process has counted in all its lives, as far as it was seen. */
  of(name: string): number;
}

export function createTally(names: readonly string[], read: (name: string) => Promise<number | undefined>): Tally {
  const seen = new Map(names.map((name) => [name, { last: 0, sum: 0 }]));
  return {
    async look() {
      await Promise.all([...seen].map(async ([name, one]) => {
        const now = await read(name);
        if (now === undefined) return;
        one.sum += now >= one.last ? now - one.last : now;
        one.last = now;
      }));
    },
    of: (name) => seen.get(name)?.sum ?? 0,
  };
}
