import type { FavoursOf, MemberId } from '@fogbow/request-model';

/** Which of the members that could serve an order is asked? Pure: the same arguments give the same answer. */
export interface MemberPicker {
  /** False: `favoursOf` is never called, and the Manager need not add up its accounts. */
  readonly usesFavours: boolean;
  /**
   * M1: one of `candidates`, or undefined when there is none. `previous` is the last pick of this Manager, which may
   * have left the federation since. `favoursOf` knows what we and each member did for each other.
   */
  pick(candidates: readonly MemberId[], previous: MemberId | undefined, favoursOf: FavoursOf): MemberId | undefined;
}
