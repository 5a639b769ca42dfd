import type { MemberId } from '@fogbow/request-model';
import type { Checkpoints, Clock } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { MeasureSilence } from '../members/member-store.js';
import type { LookRound } from '../fulfilment/look-round.js';
import type { InstanceProvider, Observation } from '../fulfilment/instance-provider.js';
import { bindOrder } from '../orders/bind-order.js';
import { loadNeeds } from '../orders/load-needs.js';
import type { MoveOrders } from '../orders/move-orders.js';
import type { OrderMove } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { Explanation, OrderStore } from '../orders/order-store.js';
import type { WakeLater } from '../orders/wake-up.js';
import type { AwaitPower, PowerState } from '../power/await-power.js';
import { assessInstance, explainInstance } from './assess-instance.js';
import type { AssessPolicy } from './assess-instance.js';
import { changedServices } from './changed-services.js';
import { nextLook } from './next-look.js';

export interface MonitorOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly moveOrders: MoveOrders;
  readonly local: InstanceProvider;
  readonly remote: InstanceProvider;
  readonly policy: Omit<AssessPolicy, 'now' | 'silence'>;
  readonly silence: MeasureSilence;
  readonly clock: Clock;
  readonly wakeLater: WakeLater;
  /** Who ordered these may look at them again. */
  tellNews(orders: readonly OrderRecord[]): void;
  readonly checkpoints: Checkpoints<CrashStep>;
  /** Absent: no machine is measured. */
  readonly awaitPower?: AwaitPower;
}

const PAGE = 500;
const WATCHED = ['spawning', 'fulfilled'] as const;

/** Duty "monitor instances": all orders that have one, page by page, or just the named ones. */
export function createMonitorWorker(options: MonitorOptions): (orderIds: readonly string[] | undefined, signal: AbortSignal, round?: LookRound) => Promise<void> {
  let inRound = false;
  const lookAtAll = async (signal: AbortSignal, round: LookRound | undefined): Promise<void> => {
    for (let after = ''; !signal.aborted;) {
      const page = await options.store.inStates(WATCHED, after, PAGE);
      await monitor(options, page, signal, round);
      if (page.length < PAGE) return;
      after = page.at(-1)?.id ?? '';
    }
  };
  return async (orderIds, signal, round) => {
    if (orderIds) return await monitor(options, await options.store.getMany(orderIds), signal);
    // A round over slow clouds may outlast its period; a second one beside it would only take the place of those who are named.
    if (inRound) return;
    inRound = true;
    await lookAtAll(signal, round).finally(() => { inRound = false; });
  };
}

async function monitor(options: MonitorOptions, orders: readonly OrderRecord[], signal: AbortSignal, round?: LookRound): Promise<void> {
  const here = orders.filter((order) => order.provider === options.self);
  const elsewhere = orders.filter((order) => order.provider !== undefined && order.provider !== options.self);
  await Promise.all([observe(options, here, (watched) => options.local.describe(watched, signal, round)), observe(options, elsewhere, (watched) => options.remote.describe(watched, signal))]);
}

async function observe(options: MonitorOptions, orders: readonly OrderRecord[], describe: (watched: readonly OrderRecord[]) => ReturnType<InstanceProvider['describe']>): Promise<void> {
  const watched = orders.filter((order) => (WATCHED as readonly string[]).includes(order.state));
  if (watched.length === 0) return;
  const seen = new Map([...await describe(watched), ...await loosened(options.store, watched)]);
  const isMeasured = await takePower(options, watched, seen);
  // Asked only when somebody does not answer.
  const silence = [...seen.values()].some((one) => one.kind === 'unknown') ? await options.silence() : new Map<MemberId, number>();
  const policy = { ...options.policy, silence, now: options.clock.now() };
  const moves = watched.flatMap((order): OrderMove[] => {
    const observation = seen.get(order.id);
    const move = observation && !isMeasured.has(order.id) && assessInstance(order, observation, policy);
    return move ? [move] : [];
  });
  const moving = new Set(moves.map((move) => move.id));
  const staying = watched.filter(({ id }) => !moving.has(id));
  await options.store.explain(staying.flatMap((order) => (isMeasured.has(order.id) ? measuring(order) : explanationOf(order, seen.get(order.id), policy))));
  await tellServices(options, staying, seen);
  const again = nextLook(staying.filter((order) => order.state === 'spawning'), policy.now);
  if (again !== undefined) options.wakeLater('monitor-instances', again);
  if (moves.length === 0) return;
  options.checkpoints.reach('before-ready');
  await options.moveOrders(moves);
}

/** Where machines are reached may change while they run: their orders say so, and who ordered them looks again. */
async function tellServices({ self, store, tellNews }: MonitorOptions, staying: readonly OrderRecord[], seen: ReadonlyMap<string, Observation>): Promise<void> {
  const changes = staying.flatMap((order) => changedServices(order, seen.get(order.id)) ?? []);
  await store.tellServices(changes);
  const changed = new Set(changes.map(({ id }) => id));
  tellNews(staying.filter(({ id, state, requester }) => changed.has(id) && state === 'fulfilled' && requester !== self));
}

/** Machines of ours that have just come up are told apart: those in the answer are being measured, and what the others were measured with is now told of them. */
async function takePower({ self, awaitPower }: MonitorOptions, watched: readonly OrderRecord[], seen: Map<string, Observation>): Promise<ReadonlySet<string>> {
  const up = watched.flatMap((order) => {
    const one = seen.get(order.id);
    const isUp = order.state === 'spawning' && order.kind === 'compute' && order.provider === self && one?.kind === 'present' && one.state === 'active' && one.reachable;
    return isUp ? [{ order, instance: one.instance }] : [];
  });
  const states = awaitPower && up.length > 0 ? await awaitPower(up) : new Map<string, PowerState>();
  for (const { order: { id } } of up) {
    const [one, state] = [seen.get(id), states.get(id)];
    if (one?.kind === 'present' && state?.kind === 'over' && state.power) seen.set(id, { ...one, instance: { ...one.instance, power: state.power } });
  }
  return new Set([...states].flatMap(([id, { kind }]) => (kind === 'waiting' ? [id] : [])));
}

const MEASURING = 'the machine runs, and is being measured';

const measuring = ({ id, state, incarnation, reason }: OrderRecord): Explanation[] => (reason === MEASURING ? [] : [{ id, state, incarnation, reason: MEASURING }]);

function explanationOf(order: OrderRecord, seen: Observation | undefined, policy: AssessPolicy): Explanation[] {
  const reason = seen && explainInstance(order, seen, policy);
  return reason ? [{ id: order.id, state: order.state, incarnation: order.incarnation, reason }] : [];
}

/**
 * An attachment ends with its machine and with its volume. A cloud need not see that by itself: a volume that failed stays attached, and cannot be
 * removed before it is detached.
 */
async function loosened(store: Pick<OrderStore, 'getMany'>, orders: readonly OrderRecord[]): Promise<[string, Observation][]> {
  const attachments = orders.filter((order) => order.kind === 'attachment');
  if (attachments.length === 0) return [];
  const needs = await loadNeeds(store, attachments);
  return attachments.filter((order) => bindOrder(order, needs).kind === 'never').map((order) => [order.id, { kind: 'gone' }]);
}
