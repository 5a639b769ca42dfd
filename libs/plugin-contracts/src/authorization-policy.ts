import type { UserRef } from '@fogbow/request-model';

export const ACTIONS = ['order.create', 'order.read', 'order.delete', 'member.read'] as const;
export type Action = (typeof ACTIONS)[number];

/** A refusal carries its reason, in words for whoever is refused. */
export type PolicyDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** May this user do this at all? Ownership is checked by the use cases, never here. Rules: docs/contracts/authorization-policy.md. */
export interface AuthorizationPolicy {
  /** A1: answers for each action. A2: a refusal has a reason. A3: throws `unavailable` when it cannot tell. */
  decide(user: UserRef, action: Action): Promise<PolicyDecision>;
}
