import type { AskingOrder, GivingWay, HoldingOrder, PrioritizationFacts, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';

export interface TwoFold {
  /** Decides about orders of our own users. */
  readonly local: PrioritizationPolicy;
  /** Decides about orders of other members. */
  readonly remote: PrioritizationPolicy;
}

/**
 * One policy for orders of our users and one for those of other members (spec §2.5); no plugin of its own but the frame of two. The two may
 * contradict each other, and then each order would take the machine from the other in turn: whoever could be taken from in return takes nothing.
 */
export function createTwoFoldPrioritization({ local, remote }: TwoFold): PrioritizationPolicy {
  const policyFor = (member: MemberId, self: MemberId): PrioritizationPolicy => (member === self ? local : remote);
  return {
    preempts: local.preempts || remote.preempts,
    usesFavours: local.usesFavours || remote.usesFavours,
    takeFrom(asking, holders, facts) {
      const given = policyFor(asking.requester, facts.self).takeFrom(asking, holders, facts);
      const victim = holders.find(({ id }) => id === given.victim);
      if (!victim) return given;
      return takesBack(policyFor(victim.requester, facts.self), asking, victim, facts)
        ? { reason: `${victim.requester} would take the machine back by the policy for its own orders` }
        : given;
    },
  };
}

/** Would the victim, asking in its turn, take from the one that asks now, whenever that got its machine? */
function takesBack(policy: PrioritizationPolicy, asking: AskingOrder, victim: HoldingOrder, facts: PrioritizationFacts): boolean {
  const { victim: taken }: GivingWay = policy.takeFrom({ id: victim.id, requester: victim.requester }, [{ ...asking, since: victim.since }], facts);
  return taken !== undefined;
}
