import { plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import type { PlacementFacts, PlacementPlan } from '../scheduling/plan-placement.js';
import { planRoom } from './plan-room.js';
import type { Holder, MakingRoom, RoomPlan } from './plan-room.js';

export interface PlannedRoom {
  readonly plan: PlacementPlan;
  /** What is left for the orders after this one. */
  readonly making: MakingRoom;
}

/** An order is looked at again as soon as a machine is gone; this is the net under it. */
const LOOK_AGAIN_MS = 1000;

/** Pure: an order that lacks nothing but room at home gets it where others give way; else all stays as planned, and says why nobody does. */
export function planWithRoom(order: OrderRecord, plan: PlacementPlan, facts: PlacementFacts, making: MakingRoom): PlannedRoom {
  const wanted = plan.lacksRoomFor;
  if (!wanted || !facts.room || !making.policy.preempts) return { plan, making };
  if (facts.kept.some(({ orderId }) => orderId === order.id)) return { plan: waiting({ kind: 'made', victims: [] }, wanted, facts), making };
  const { self, favoursOf, room: quota, taken } = facts;
  const made = planRoom({ id: order.id, requester: order.requester }, wanted, { ...making, self, favoursOf, quota, taken });
  if (made.kind === 'none') return { plan: explained(plan, made.reason), making };
  const isVictim = (holder: Holder): boolean => made.victims.some(({ id }) => id === holder.id);
  const leaving = making.holders.filter(isVictim).reduce((sum, { amount }) => plus(sum, amount), making.leaving);
  return { plan: waiting(made, wanted, facts), making: { ...making, leaving, holders: making.holders.filter((holder) => !isVictim(holder)) } };
}

function waiting({ victims }: Extract<RoomPlan, { kind: 'made' }>, takes: Amount, { self }: PlacementFacts): PlacementPlan {
  const why = victims.length === 0 ? 'machines are being removed' : `${victims.length} of another owner ${victims.length === 1 ? 'gives' : 'give'} way, as ${victims[0]?.reason ?? ''}`;
  const reason = `room is being made at home: ${why}`;
  return { placement: { where: 'room', victims, takes, reason, inMs: LOOK_AGAIN_MS }, explanation: [{ member: self, verdict: `chosen: ${reason}` }] };
}

/** The first verdict is that about our own cloud. */
function explained(plan: PlacementPlan, reason: string): PlacementPlan {
  const [home, ...others] = plan.explanation;
  if (!home) return plan;
  const verdict = `${home.verdict}; nobody gives way: ${reason}`;
  // The requester of a served order hears the reason alone.
  const placement = plan.placement.where === 'nowhere' ? { ...plan.placement, reason: verdict } : plan.placement;
  return { ...plan, placement, explanation: [{ ...home, verdict }, ...others] };
}
