import type { MemberId } from '@fogbow/request-model';

/** Which of the members that could serve an order is asked? Pure: the same arguments give the same answer. */
export interface MemberPicker {
  /**
   * M1: one of `candidates`, or undefined when there is none. `previous` is the last pick of this Manager, which may
   * have left the federation since.
   */
  pick(candidates: readonly MemberId[], previous: MemberId | undefined): MemberId | undefined;
}
