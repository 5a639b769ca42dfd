import type { Favours, MemberId } from '@fogbow/request-model';

/** What a controller sees at each update. */
export interface CapacityRound {
  /** What our cloud has in all, in the Manager's unit (machines or vCPUs). Finite: without a limit there is nothing to share out. */
  readonly max: number;
  /** What we and each other member did for each other: all who are alive or ever dealt with us. */
  readonly favours: Readonly<Record<MemberId, Favours>>;
}

/** What a controller remembers from update to update: JSON of its own, kept by the Manager across restarts. */
export type CapacityMemory = Readonly<Record<string, unknown>>;

/**
 * How much of our cloud may a member have at most (spec §2.5)? Pure: the Manager calls `update` once a period and keeps what it returns, and asks
 * `limitOf` before it serves an order. Rules: docs/contracts/capacity-controller.md.
 */
export interface CapacityController {
  /** K1: the memory after this round. K2: a memory that is not its own counts as none. */
  update(round: CapacityRound, before: CapacityMemory | undefined): CapacityMemory;
  /** K3: from 0 to the `max` of the last round, or Infinity where there is no limit, as before the first round. */
  limitOf(member: MemberId, memory: CapacityMemory | undefined): number;
}
