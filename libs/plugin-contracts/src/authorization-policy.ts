import type { UserRef } from '@fogbow/request-model';

export type Action = 'order.create' | 'order.read' | 'order.delete' | 'member.read';

/** May this user do this at all? Ownership is checked by the use cases, never here. */
export interface AuthorizationPolicy {
  /** A refusal carries its reason, in words for the user. */
  decide(user: UserRef, action: Action): Promise<{ allowed: true } | { allowed: false; reason: string }>;
}
