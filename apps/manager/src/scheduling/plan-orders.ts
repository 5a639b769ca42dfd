import { plus } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import type { FactsSource } from './placement-facts.js';
import { planWithRoom } from '../sharing/plan-with-room.js';
import { planPlacement } from './plan-placement.js';
import type { Placement, PlacementFacts, PlacementPlan } from './plan-placement.js';

export interface Planned<W extends Placement['where'] = Placement['where']> {
  readonly order: OrderRecord;
  readonly placement: Extract<Placement, { where: W }>;
  readonly explanation: PlacementPlan['explanation'];
}

/** Where each of the orders goes. Asks who could give way, and who else is there, only when home does not do for all. */
export async function planOrders(facts: Pick<FactsSource, 'withMembers' | 'withNeeds' | 'withRoom'>, orders: readonly OrderRecord[], plain: PlacementFacts): Promise<Planned[]> {
  const home = await facts.withNeeds(plain, orders);
  const first = planInTurn(orders, home);
  const known = first.some(({ lacksRoomFor }) => lacksRoomFor) ? await facts.withRoom(home) : home;
  const planned = known === home ? first : planInTurn(orders, known);
  if (planned.every(({ placement }) => AT_HOME.includes(placement.where))) return planned;
  return planInTurn(orders, await facts.withMembers(known));
}

const AT_HOME: readonly Placement['where'][] = ['here', 'room', 'expired'];

/** Plans one after the other, so that each sees what the ones before it took. */
function planInTurn(orders: readonly OrderRecord[], facts: PlacementFacts): (Planned & Pick<PlacementPlan, 'lacksRoomFor'>)[] {
  let { taken, previousPick, making } = facts;
  const placed = new Set<string>();
  return orders.map((order) => {
    const kept = facts.kept.filter(({ orderId }) => orderId !== order.id && !placed.has(orderId));
    const now = { ...facts, taken: kept.reduce((sum, { amount }) => plus(sum, amount), taken), previousPick };
    const alone = planPlacement(order, now);
    const { plan, making: left } = making ? planWithRoom(order, alone, now, making) : { plan: alone, making };
    making = left;
    const { placement } = plan;
    if (placement.where === 'here') placed.add(order.id);
    if (placement.where === 'here' || (placement.where === 'room' && !isKept(facts, order))) taken = plus(taken, placement.takes);
    if (placement.where === 'member') previousPick = placement.member;
    return { order, ...plan };
  });
}

const isKept = ({ kept }: PlacementFacts, order: OrderRecord): boolean => kept.some(({ orderId }) => orderId === order.id);
