import type { Size } from '@fogbow/request-model';

/** A measurement that each machine of this member runs once, when it has come up and before its user is told of it. */
export interface Probe {
  /** A program for a POSIX shell: a fixed amount of work, whose time is the result. It reads nothing, and what it says is not read. At most 16,384 characters. */
  readonly script: string;
  /** It is ended after so long, and the machine then counts by its size alone. 1 to 600. */
  readonly timeoutSeconds: number;
  /** So many machines are measured at the same time, over all processes of the member; at least 1. */
  readonly atOnce: number;
}

/** How much is a machine worth (spec §2.5)? Accounting counts power × time. Pure. Rules: docs/contracts/benchmark.md. */
export interface Benchmark {
  /** What machines run; absent: nothing is measured, and no key of the Manager ever is in a machine. */
  readonly probe?: Probe;
  /**
   * B1: above zero and finite; a machine that is larger in every way is not worth less, nor is one that did the probe in less time.
   * Without `measuredSeconds`, which are above zero, the machine was not measured: it counts by its size.
   */
  powerOf(size: Size, measuredSeconds?: number): number;
}
