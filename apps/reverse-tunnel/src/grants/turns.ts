/** One after the other for each key, in the order of asking; keys do not wait for each other. */
export interface Turns {
  take<Result>(key: string, action: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, action) {
      const before = last.get(key);
      const mine = before ? before.then(action, action) : action();
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}
