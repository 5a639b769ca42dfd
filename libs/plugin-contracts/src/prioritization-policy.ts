import type { FavoursOf, MemberId } from '@fogbow/request-model';

/** An order that finds no room in our cloud. */
export interface AskingOrder {
  readonly id: string;
  /** The member whose user wants it; our own id for our users. */
  readonly requester: MemberId;
}

/** An order that has a machine in our cloud. */
export interface HoldingOrder extends AskingOrder {
  /** Since when its machine is ready. */
  readonly since: Date;
}

export interface PrioritizationFacts {
  readonly self: MemberId;
  readonly favoursOf: FavoursOf;
}

/** Who gives way, or nobody; either way with the reason, in words for the owners of both orders. */
export interface GivingWay {
  /** Id of the holder whose machine goes. */
  readonly victim?: string;
  readonly reason: string;
}

/**
 * Does an order that has a machine here give way to one that has none (spec §2.3)? Asked by placement when our cloud is full, only about holders whose
 * machines would make room for the asking order, alone or together: it may be asked again without the victim of the answer before. Pure.
 * Rules: docs/contracts/prioritization-policy.md.
 */
export interface PrioritizationPolicy {
  /** False: nobody ever gives way, and the Manager need not look who has machines here. */
  readonly preempts: boolean;
  /** False: `favoursOf` is never called. */
  readonly usesFavours: boolean;
  /** V1: the victim is one of `holders`. V2: never one of the asking requester. V3: whoever takes from another does not lose to it in return. */
  takeFrom(asking: AskingOrder, holders: readonly HoldingOrder[], facts: PrioritizationFacts): GivingWay;
}
