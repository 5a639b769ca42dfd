import type { OrderSpec, OrderType, ResourceKind, UserRef } from '@fogbow/request-model';

/** What a user asks for in one go: `count` orders of one kind. */
export interface Submission {
  readonly owner: UserRef;
  readonly count: number;
  readonly kind: ResourceKind;
  readonly type: OrderType;
  readonly spec: OrderSpec;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** Decides which ids the orders get; absent: those planned. */
  readonly claim?: ClaimIds;
}

/** Answers the ids to use, and whether orders with them were stored already: then the submission is a repetition and nothing is done. */
export type ClaimIds = (planned: readonly string[]) => Promise<{ readonly ids: readonly string[]; readonly areStored: boolean }>;
