import { plus } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import type { FactsSource } from './placement-facts.js';
import { planPlacement } from './plan-placement.js';
import type { Placement, PlacementFacts, PlacementPlan } from './plan-placement.js';

export interface Planned<W extends Placement['where'] = Placement['where']> {
  readonly order: OrderRecord;
  readonly placement: Extract<Placement, { where: W }>;
  readonly explanation: PlacementPlan['explanation'];
}

/** Where each of the orders goes. Asks who else is there only when home does not do for all. */
export async function planOrders(facts: Pick<FactsSource, 'withMembers' | 'withNeeds'>, orders: readonly OrderRecord[], plain: PlacementFacts): Promise<Planned[]> {
  const home = await facts.withNeeds(plain, orders);
  const planned = planInTurn(orders, home);
  if (planned.every(({ placement }) => placement.where === 'here' || placement.where === 'expired')) return planned;
  return planInTurn(orders, await facts.withMembers(home));
}

/** Plans one after the other, so that each sees what the ones before it took. */
function planInTurn(orders: readonly OrderRecord[], facts: PlacementFacts): Planned[] {
  let { taken, previousPick } = facts;
  return orders.map((order) => {
    const { placement, explanation } = planPlacement(order, { ...facts, taken, previousPick });
    if (placement.where === 'here') taken = plus(taken, placement.takes);
    if (placement.where === 'member') previousPick = placement.member;
    return { order, placement, explanation };
  });
}
