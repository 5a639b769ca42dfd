import { AMOUNT_DIMENSIONS, NOTHING, plus, shortages } from '@fogbow/request-model';
import type { Amount, Quota } from '@fogbow/request-model';
import type { AskingOrder, HoldingOrder, PrioritizationFacts, PrioritizationPolicy } from '@fogbow/plugin-contracts';

/** An order that has a machine in our cloud, and how large that is. */
export interface Holder extends HoldingOrder {
  readonly amount: Amount;
}

export interface RoomFacts extends PrioritizationFacts {
  readonly policy: PrioritizationPolicy;
  /** What our cloud has and how much of it is used, also by machines that are being removed. */
  readonly quota: Quota;
  /** What others will take: orders of this round, and those for which room was made. */
  readonly taken: Amount;
  /** Of the used: machines that are being removed. */
  readonly leaving: Amount;
  readonly holders: readonly Holder[];
  /** At most so many machines give way to one order. */
  readonly maxVictims: number;
}

/** Who could give way to the orders of a round. */
export interface MakingRoom {
  readonly policy: PrioritizationPolicy;
  readonly maxVictims: number;
  readonly holders: readonly Holder[];
  /** Machines that are being removed. */
  readonly leaving: Amount;
}

export interface Victim {
  readonly id: string;
  /** Why it gives way. */
  readonly reason: string;
}

export type RoomPlan =
  /** There will be room once these are gone; without any, once the machines are gone that are being removed already. */
  | { readonly kind: 'made'; readonly victims: readonly Victim[] }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Pure: who gives way to an order that finds our cloud full (spec §2.3). One machine that does it alone goes before several; nobody is
 * touched unless there will be room in the end. The policy is asked a bounded number of times.
 */
export function planRoom(asking: AskingOrder, wanted: Amount, facts: RoomFacts): RoomPlan {
  const fits = (freed: readonly Holder[]): boolean => hasRoom(wanted, freed, facts);
  if (fits([])) return { kind: 'made', victims: [] };
  if (!fits(facts.holders)) return { kind: 'none', reason: 'there would be no room even without the machines that are here' };
  const [alone] = chooseVictims(asking, facts.holders.filter((holder) => fits([holder])), () => true, { ...facts, maxVictims: 1 }).chosen;
  if (alone) return { kind: 'made', victims: [toVictim(alone)] };
  const { chosen, reason } = chooseVictims(asking, facts.holders, fits, facts);
  if (!fits(chosen.map(({ holder }) => holder))) return { kind: 'none', reason };
  return { kind: 'made', victims: withoutNeedless(chosen, fits).map(toVictim) };
}

interface Chosen {
  readonly holder: Holder;
  readonly reason: string;
}

function chooseVictims(asking: AskingOrder, holders: readonly Holder[], enough: (freed: readonly Holder[]) => boolean, facts: RoomFacts): { chosen: readonly Chosen[]; reason: string } {
  const chosen: Chosen[] = [];
  while (chosen.length < facts.maxVictims) {
    const left = holders.filter((holder) => !chosen.some((one) => one.holder === holder));
    const { victim, reason } = facts.policy.takeFrom(asking, left, facts);
    const holder = left.find(({ id }) => id === victim);
    if (!holder) return { chosen, reason };
    chosen.push({ holder, reason });
    if (enough(chosen.map((one) => one.holder))) return { chosen, reason };
  }
  return { chosen, reason: `more than ${facts.maxVictims} machines would have to give way` };
}

/** The first ones may turn out needless once a larger one had to go. */
function withoutNeedless(chosen: readonly Chosen[], fits: (freed: readonly Holder[]) => boolean): readonly Chosen[] {
  return chosen.reduce((kept, one) => {
    const others = kept.filter((other) => other !== one);
    return fits(others.map(({ holder }) => holder)) ? others : kept;
  }, chosen);
}

const toVictim = ({ holder, reason }: Chosen): Victim => ({ id: holder.id, reason });

function hasRoom(wanted: Amount, freed: readonly Holder[], { quota, taken, leaving }: RoomFacts): boolean {
  const gone = freed.reduce((sum, { amount }) => plus(sum, amount), leaving);
  return shortages({ limit: quota.limit, used: plus(quota.used, negative(gone)) }, plus(taken, wanted)).length === 0;
}

function negative(amount: Amount): Amount {
  return { ...NOTHING, ...Object.fromEntries(AMOUNT_DIMENSIONS.flatMap((key) => (amount[key] === undefined ? [] : [[key, -(amount[key] ?? 0)]]))) };
}
