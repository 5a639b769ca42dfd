import type { RefusalReason } from '../sessions/refusal-reason.js';

/** What only grows: read by the metrics. */
export interface TunnelCounts {
  readonly refusals: ReadonlyMap<RefusalReason, number>;
  bytes(): { readonly up: number; readonly down: number };
  refuse(reason: RefusalReason, times?: number): void;
  carried(up: number, down: number): void;
}

export function createTunnelCounts(): TunnelCounts {
  const refusals = new Map<RefusalReason, number>();
  const bytes = { up: 0, down: 0 };
  return {
    refusals,
    bytes: () => bytes,
    refuse: (reason, times = 1) => void refusals.set(reason, (refusals.get(reason) ?? 0) + times),
    carried(up, down) { bytes.up += up; bytes.down += down; },
  };
}
