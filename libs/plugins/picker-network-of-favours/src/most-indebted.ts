import { creditOf, debtTo } from '@fogbow/request-model';
import type { FavoursOf, MemberId } from '@fogbow/request-model';

/**
 * Pure: the candidates that have earned least with us, which are those that owe us most (spec §2.5). Where members are not trusted, credit has a floor;
 * those who lie on it are told apart by their debts again, or whoever stands first would be asked always.
 */
export function mostIndebted(candidates: readonly MemberId[], favoursOf: FavoursOf, trustworthy: boolean): MemberId[] {
  const ranked = candidates.map((member) => {
    const favours = favoursOf(member);
    return { member, credit: creditOf(favours, trustworthy), debt: debtTo(favours) };
  });
  const credit = Math.min(...ranked.map((one) => one.credit));
  const least = ranked.filter((one) => one.credit === credit);
  const debt = Math.min(...least.map((one) => one.debt));
  return least.filter((one) => one.debt === debt).map((one) => one.member);
}
