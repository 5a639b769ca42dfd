import type { MemberId } from '@fogbow/request-model';
import type { PolicyDecision } from './authorization-policy.js';

/**
 * With which members do we deal at all (spec §2.5 FederationMemberAuthorization)? Asked before each order that comes and before our quota
 * is told, and for each member alive before each order that goes; answers must be quick or cached by the plugin. Rules: docs/contracts/member-admission.md.
 */
export interface MemberAdmission {
  /** D1: may its users' orders be served by our cloud? The requester hears the reason of a refusal. */
  mayBeServed(member: MemberId): Promise<PolicyDecision>;
  /** D1: may our users' orders be sent there? The order's owner reads the reason of a refusal. D2: whoever cannot tell throws `unavailable`. */
  mayBeAsked(member: MemberId): Promise<PolicyDecision>;
}
