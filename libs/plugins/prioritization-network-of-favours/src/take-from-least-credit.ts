import type { AskingOrder, GivingWay, HoldingOrder, PrioritizationFacts } from '@fogbow/plugin-contracts';
import { creditOf, newestFirst } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';

export interface FavoursRules {
  readonly trustworthy: boolean;
  /** Our own users go before everybody; else they stand just below a stranger. */
  readonly prioritizeLocal: boolean;
}

/** Spec §2.5: the rank of our own users where they are not preferred. */
const LOCAL_RANK = -1;

/**
 * Pure: of the members that have machines here, the one to which we owe least loses its newest, if we owe it less than the one that asks
 * (spec §2.5). Of members to which we owe the same, the newest machine of all goes.
 */
export function takeFromLeastCredit(asking: AskingOrder, holders: readonly HoldingOrder[], facts: PrioritizationFacts, rules: FavoursRules): GivingWay {
  const rank = (member: MemberId): number => rankOf(member, facts, rules);
  const ranked = holders.map((holder) => ({ holder, rank: rank(holder.requester) }));
  if (ranked.length === 0) return { reason: 'nobody has a machine here that would make room' };
  const least = Math.min(...ranked.map((one) => one.rank));
  const [victim] = ranked.filter((one) => one.rank === least).map((one) => one.holder).sort(newestFirst);
  if (!victim || least >= rank(asking.requester)) return { reason: `we owe ${asking.requester} no more than those who have machines here` };
  return { victim: victim.id, reason: `we owe ${asking.requester} more than ${victim.requester}` };
}

function rankOf(member: MemberId, { self, favoursOf }: PrioritizationFacts, { trustworthy, prioritizeLocal }: FavoursRules): number {
  if (member !== self) return creditOf(favoursOf(member), trustworthy);
  return prioritizeLocal ? Infinity : LOCAL_RANK;
}
