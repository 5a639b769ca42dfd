import type { Size } from '@fogbow/request-model';

/** How much is a machine worth (spec §2.5)? Accounting counts power × time. Pure. Rules: docs/contracts/benchmark.md. */
export interface Benchmark {
  /** B1: above zero and finite; a machine that is larger in every way is not worth less. */
  powerOf(size: Size): number;
}
