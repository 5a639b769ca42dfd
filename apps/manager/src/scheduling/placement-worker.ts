import type { MemberId } from '@fogbow/request-model';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import type { Moved } from '../orders/apply-moves.js';
import type { OrderLeases } from '../orders/claim-orders.js';
import { bindOrder } from '../orders/bind-order.js';
import type { MoveOrders } from '../orders/move-orders.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { WakeLater } from '../orders/wake-up.js';
import type { WorkerLife } from '../orders/worker-life.js';
import type { RoomToMake } from '../sharing/make-room.js';
import { afterRequest } from './decide-after-request.js';
import type { FactsSource } from './placement-facts.js';
import { planOrders } from './plan-orders.js';
import type { Planned } from './plan-orders.js';
import type { Placement, PlacementFacts } from './plan-placement.js';

export interface PlacementOptions {
  readonly self: MemberId;
  readonly leases: OrderLeases;
  readonly moveOrders: MoveOrders;
  readonly facts: FactsSource;
  readonly local: InstanceProvider;
  readonly remote: InstanceProvider;
  /** Takes machines from those who give way. */
  makeRoom(rooms: readonly RoomToMake[]): Promise<void>;
  readonly life: Pick<WorkerLife, 'isAlive' | 'signal'>;
  readonly wakeLater: WakeLater;
  readonly batchSize: number;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
}

type Where = Placement['where'];

/** Duty "submit open orders": claims what is due, plans, carries out, until nothing is due. */
export function createPlacementWorker(options: PlacementOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    while (!signal.aborted && options.life.isAlive()) {
      const claimed = await options.leases.claimOpen(options.batchSize);
      if (claimed.length === 0) break;
      options.checkpoints.reach('after-claim');
      // Whoever may have lost its leases gives up what it asks right now.
      await placeRound(options, claimed, AbortSignal.any([signal, options.life.signal()]))
        .finally(() => options.leases.finished(claimed.map((order) => order.id)));
    }
    const due = await options.leases.nextDue();
    if (due !== undefined) options.wakeLater('place-orders', due);
  };
}

async function placeRound(options: PlacementOptions, claimed: readonly OrderRecord[], signal: AbortSignal): Promise<void> {
  try {
    const facts = await options.facts.home(signal);
    const refusedAtHome = await carryOut(options, await planOrders(options.facts, claimed, facts), facts, signal);
    // Whom our own cloud refused gets a second look at once: another member may have room.
    if (refusedAtHome.length > 0) await carryOut(options, await planOrders(options.facts, refusedAtHome, facts), facts, signal);
  } catch (error) {
    options.log.warn('a round of placement failed; its orders are tried again', { error, orders: claimed.length });
    await options.leases.putBack(claimed.map(({ id, refusals, explanation }) =>
      ({ id, refusals, explanation, reason: 'an internal fault; it is tried again', inMs: 1000, untouched: false })));
  }
}

/** Answers the orders that our own cloud refused just now, to be planned again without it. */
async function carryOut(options: PlacementOptions, planned: readonly Planned[], facts: PlacementFacts, signal: AbortSignal): Promise<OrderRecord[]> {
  const of = <W extends Where>(where: W): Planned<W>[] => planned.filter((one) => one.placement.where === where) as unknown as Planned<W>[];
  const [refused] = await allDone([
    placeHere(options, of('here'), facts, signal),
    sendAway(options, of('member'), signal),
    awaitRoom(options, of('room')),
    finish(options, of('expired').map(({ order }) => moveBy(order, 'expired', 'its validity is over', ofThisTry(order, options.self)))),
    finish(options, of('nowhere').map((one) => giveUp(one, options.self))),
    letWait(options, of('wait'), facts),
  ]);
  return refused;
}

async function letWait({ leases, facts: source, self }: PlacementOptions, planned: readonly Planned<'wait'>[], facts: PlacementFacts): Promise<void> {
  await leases.putBack(planned.map(({ order, placement, explanation }) => ({
    id: order.id, refusals: order.refusals, explanation, reason: placement.reason, inMs: placement.inMs, untouched: !isUncertain(order, self),
    // Where no member was considered, it is early, or waits for others: nothing was refused.
    ...(explanation.length > 0 ? { failure: placement.code } : {}),
  })));
  // What they wait for may have come while we held them: whoever brought it could not wake them.
  const joined = planned.filter(({ placement }) => placement.forOthers).map(({ order }) => order);
  if (joined.length === 0) return;
  const { needs } = await source.withNeeds(facts, joined);
  await leases.wake(joined.filter((order) => bindOrder(order, needs).kind !== 'wait').map(({ id }) => id));
}

/** Waits for all also when one fails: orders must not be put back while a cloud is still being asked for them. */
async function allDone<T extends readonly unknown[]>(work: readonly [...{ [K in keyof T]: Promise<T[K]> }]): Promise<T> {
  await Promise.allSettled(work);
  return await Promise.all(work) as unknown as T;
}

async function placeHere(options: PlacementOptions, planned: readonly Planned<'here'>[], facts: PlacementFacts, signal: AbortSignal): Promise<OrderRecord[]> {
  const { self } = options;
  const decisions = await Promise.all(planned.map(async ({ order, placement, explanation }) => {
    const outcome = await options.local.request(order, placement, signal);
    if (outcome.kind === 'sent') throw new Error('Our own cloud answers at once.');
    return afterRequest({ order, outcome, explanation, self, now: facts.now, retryMs: facts.retryMs });
  }));
  await finish(options, decisions.flatMap((decision) => ('move' in decision ? [decision.move] : [])));
  options.checkpoints.reach('after-accepted');
  return decisions.flatMap((decision) => ('again' in decision ? [decision.again] : []));
}

/** The database says `pending` before the peer is asked: a crash in between is healed by asking again. */
async function sendAway(options: PlacementOptions, planned: readonly Planned<'member'>[], signal: AbortSignal): Promise<void> {
  const last = planned.at(-1);
  if (!last) return;
  const moved = await finish(options, planned.map(({ order, placement, explanation }) => moveBy(order, 'sent-away', `asked ${placement.member}`, {
    patch: { provider: placement.member, explanation, refusals: order.refusals, failure: order.failure ?? null },
    ...ofThisTry(order, options.self),
  })));
  options.checkpoints.reach('after-sent-away');
  await options.facts.rememberPick(last.placement.member);
  await Promise.all(planned.filter(({ order }) => moved.has(order.id)).map(({ order, placement }) =>
    options.remote.request({ ...order, state: 'pending', provider: placement.member }, placement, signal)));
  options.checkpoints.reach('after-post-order');
}

/** The orders wait for the room that is made for them; if it is not, they are planned anew. */
async function awaitRoom(options: PlacementOptions, planned: readonly Planned<'room'>[]): Promise<void> {
  try {
    await options.makeRoom(planned.map(({ order, placement: { takes, victims } }) => ({ orderId: order.id, takes, victims })));
  } finally {
    await options.leases.putBack(planned.map(({ order, placement, explanation }) =>
      ({ id: order.id, refusals: order.refusals, explanation, reason: placement.reason, inMs: placement.inMs, untouched: !isUncertain(order, options.self) })));
  }
}

function giveUp({ order, placement, explanation }: Planned<'nowhere'>, self: MemberId): OrderMove {
  return moveBy(order, 'gave-up', placement.reason, { patch: { explanation, refusals: order.refusals, failure: placement.code }, ...ofThisTry(order, self) });
}

const isUncertain = (order: OrderRecord, self: MemberId): boolean => order.refusals[self]?.uncertain === true;

/**
 * Void once another worker has taken the order up. An order that leaves our cloud's hands after an unclear try may have a machine here:
 * it must go.
 */
function ofThisTry(order: OrderRecord, self: MemberId): Pick<OrderMove, 'release' | 'attempts'> {
  return { attempts: order.attempts, ...(order.attempts > 1 || isUncertain(order, self) ? { release: [self] } : {}) };
}

/** Applies moves; orders that changed under our hands (deleted by their owner) are let go, and the deletion goes on. */
async function finish(options: PlacementOptions, moves: readonly OrderMove[]): Promise<ReadonlyMap<string, Moved>> {
  if (moves.length === 0) return new Map();
  const moved = await options.moveOrders(moves);
  const lost = moves.map((move) => move.id).filter((id) => !moved.has(id));
  if (lost.length > 0) {
    await options.leases.free(lost);
    options.wakeLater('release-instances', 1);
  }
  return moved;
}
