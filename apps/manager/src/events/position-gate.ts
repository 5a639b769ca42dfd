/** How far the feed has come, and who waits for it to come farther. */
export interface PositionGate {
  readonly reached: number;
  reach(position: number): void;
  /** Resolves when the feed is beyond the position, or when the signal aborts. */
  whenBeyond(position: number, signal: AbortSignal): Promise<void>;
}

export function createPositionGate(): PositionGate {
  const waiting = new Set<{ readonly beyond: number; go(): void }>();
  let reached = 0;
  return {
    get reached() { return reached; },
    reach(position) {
      reached = position;
      for (const one of waiting) if (one.beyond < position) one.go();
    },
    whenBeyond: (beyond, signal) => new Promise((resolve) => {
      if (reached > beyond || signal.aborted) return resolve();
      const go = (): void => {
        waiting.delete(one);
        signal.removeEventListener('abort', go);
        resolve();
      };
      const one = { beyond, go };
      waiting.add(one);
      signal.addEventListener('abort', go, { once: true });
    }),
  };
}
