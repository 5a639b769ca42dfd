/** Something bad that happens to one target. */
export interface Fault {
  /** Milliseconds from the beginning. */
  readonly at: number;
  /** `kill`: SIGKILL, and whoever watches over it brings it back; `pause`: frozen for a while; `cut`: a leg of the network carries nothing for a while. */
  readonly kind: 'kill' | 'pause' | 'cut';
  readonly target: string;
  /** How long; 0 for a kill. */
  readonly forMs: number;
}

export interface FaultPlan {
  readonly seed: number;
  readonly durationMs: number;
  /** What can be killed or paused. */
  readonly services: readonly string[];
  /** What can be cut. */
  readonly legs: readonly string[];
}

/** From the end of one choice to the next fault; faults of different targets may overlap. */
const GAP_MS = { least: 3000, most: 10_000 };
const LENGTH_MS = { pause: { least: 1000, most: 20_000 }, cut: { least: 1000, most: 25_000 } };
/** A target is left alone for so long after a fault, so that it comes back at all. */
const REST_MS = 15_000;

/** Numbers from 0 to 1 by a seed (mulberry32): the same seed, the same numbers. */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What happens when, in order; all is over at the end of the time. */
export function planFaults({ seed, durationMs, services, legs }: FaultPlan): Fault[] {
  const next = numbersOf(seed);
  const between = ({ least, most }: { least: number; most: number }): number => Math.round(least + next() * (most - least));
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(next() * all.length)];
  const freeAt = new Map<string, number>();
  const faults: Fault[] = [];
  for (let at = between(GAP_MS); at < durationMs; at += between(GAP_MS)) {
    const roll = next();
    const kind = roll < 0.45 ? 'kill' : roll < 0.7 ? 'pause' : 'cut';
    const target = pick((kind === 'cut' ? legs : services).filter((one) => (freeAt.get(one) ?? 0) <= at));
    const forMs = kind === 'kill' ? 0 : between(LENGTH_MS[kind]);
    if (target === undefined || at + forMs > durationMs) continue;
    freeAt.set(target, at + forMs + REST_MS);
    faults.push({ at, kind, target, forMs });
  }
  return faults;
}
