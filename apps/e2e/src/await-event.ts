import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Default: a minute. */
  readonly timeoutMs?: number;
  /** Pause between two looks; default 100 ms. */
  readonly everyMs?: number;
  /** Told when it took too long: what was there instead. */
  readonly seen?: () => unknown;
}

/**
 * Looks until the probe gives something other than undefined or false, and returns that. Errors of the probe count as "not yet": what is
 * waited for may be behind a service that is just coming back. Rejects when the patience is over, with the last error or sight.
 */
export async function awaitEvent<Value>(what: string, probe: () => Promise<Value | undefined | false> | Value | undefined | false, patience: Patience = {}): Promise<Value> {
  const { timeoutMs = 60_000, everyMs = 100 } = patience;
  const end = performance.now() + timeoutMs;
  for (let last: unknown; ;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}${sight(last, patience.seen)}`, { cause: last });
    await pause(everyMs);
  }
}

function sight(error: unknown, seen: (() => unknown) | undefined): string {
  if (error !== undefined) return `; last: ${error instanceof Error ? error.message : String(error)}`;
  return seen ? `; instead: ${JSON.stringify(seen())}` : '';
}
