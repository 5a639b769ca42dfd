import { createMemoryNetwork, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { MemoryNetwork } from '@fogbow/messaging';
import type { ProcessGround } from './compose-process.js';
import { debtFaults } from './debts.js';
import { finalFaults } from './final-faults.js';
import type { Fault } from './final-faults.js';
import type { Promises } from './promises.js';
import { createSeededRandom } from './seeded-random.js';
import { createSimulatedMember } from './simulated-member.js';
import type { SimulatedMember, World } from './simulated-member.js';
import { NO_FAULTS } from './simulation-plan.js';
import type { SimulationPlan, Timing } from './simulation-plan.js';
import { stanzaFate, startStorm } from './storm.js';
import { createUsers } from './users.js';
import { Violation } from './violation.js';
import { createVirtualTime } from './virtual-time.js';
import type { VirtualTime } from './virtual-time.js';
import { watchInstances } from './watch-instances.js';
import type { InstanceWatch } from './watch-instances.js';

export interface SimulationResult {
  readonly steps: number;
  readonly virtualMs: number;
  /** Of the storm's end until all was settled. */
  readonly settledMs: number;
  /** Equal for equal schedules. */
  readonly fingerprint: string;
  /** The longest that an instance lived which nobody wanted, or that an order believed in one that was not there. */
  readonly longestWrongMs: number;
  /** How many orders there were, and what became of them. */
  readonly orders: Readonly<Record<string, number>>;
  readonly violation?: Violation;
}

export interface SimulateOptions {
  /** Told everything that happens. */
  readonly trace?: (line: string) => void;
  /** Breaks every process, to show that it would be noticed. */
  readonly sabotage?: (ground: ProcessGround) => ProcessGround;
}

const BEGIN = new Date('2026-01-01T00:00:00Z');
const RENDEZVOUS = 'rendezvous.test';
const LOOK_EVERY_MS = 3000;

/** Lets a federation live through a storm of faults and then through a calm, in virtual time. The same plan gives the same schedule. */
export async function simulate(plan: SimulationPlan, options: SimulateOptions = {}): Promise<SimulationResult> {
  const simulation = build(plan, options);
  const { time, watch } = simulation;
  const look = (): boolean => {
    watch.check();
    return false;
  };
  let settledMs = 0;
  let violation: Violation | undefined;
  try {
    await time.runUntil(BEGIN.getTime() + plan.stormMs, look);
    simulation.calm();
    settledMs = await settle(simulation, look);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
  }
  return {
    steps: time.steps(), virtualMs: time.now() - BEGIN.getTime(), settledMs, fingerprint: simulation.fingerprint(), longestWrongMs: watch.longestMs(), orders: simulation.countOrders(),
    ...(violation ? { violation } : {}),
  };
}

interface Simulation {
  readonly plan: SimulationPlan;
  readonly time: VirtualTime;
  readonly watch: InstanceWatch;
  /** Ends all faults. */
  calm(): void;
  /** What is not settled. */
  faults(): Fault[];
  /** When the last of what the storm delayed has arrived. */
  latestArrival(): number;
  fingerprint(): string;
  countOrders(): Record<string, number>;
}

/** After the storm: within the bound nothing is left to be done, and then nothing changes any more. */
async function settle({ plan, time, faults, latestArrival }: Simulation, look: () => boolean): Promise<number> {
  const begin = time.now();
  await time.runUntil(latestArrival(), look);
  const bound = settleBoundMs(plan.timing);
  let found = faults();
  while (found.length > 0) {
    if (time.now() - begin > bound) throw new Violation(`not settled ${Math.round(bound / 1000)} s after the storm: ${found.map(({ text }) => text).join('; ')}`, found.map(({ orderId }) => orderId));
    await time.runUntil(time.now() + LOOK_EVERY_MS, look);
    found = faults();
  }
  const settledMs = time.now() - begin;
  const { periods, retryAfter } = plan.timing;
  await time.runUntil(time.now() + Math.max(periods.monitor, periods.served, retryAfter) * 1.5, look);
  found = faults();
  if (found.length > 0) throw new Violation(`it was settled and is not any more: ${found.map(({ text }) => text).join('; ')}`, found.map(({ orderId }) => orderId));
  return settledMs;
}

/** What an order may have to go through, once each: every wait that the Managers know, with the longest pause between two tries. */
export const settleBoundMs = ({ giveUpAfter, bootDeadline, workerDeadAfter, orphanGrace, memberLife, retryAfter, cloudTimeout, xmppTimeout, periods }: Timing): number =>
  2 * (giveUpAfter + bootDeadline + workerDeadAfter + orphanGrace + memberLife + retryAfter + 2 * cloudTimeout + 2 * xmppTimeout + periods.monitor + periods.served + periods.scheduler) + 180_000;

function build(plan: SimulationPlan, { trace, sabotage = (ground) => ground }: SimulateOptions): Simulation {
  const random = createSeededRandom(plan.seed);
  const time = createVirtualTime(BEGIN, createSeededRandom(plan.seed ^ 0x7e11));
  const network = createMemoryNetwork({ timers: time });
  const promises: Promises = new Map();
  const members: SimulatedMember[] = [];
  const memberOf = new Map<string, SimulatedMember>();
  const tables = (member: string) => (memberOf.get(member) as SimulatedMember).tables;
  const watch = watchInstances({ now: time.now, promises, tables, boundMs: settleBoundMs(plan.timing) });
  const recorder = createRecorder(time, trace);
  let faults = plan.faults;
  let latest = 0;
  const world: World = {
    plan, time, random, network, sabotage, rendezvous: RENDEZVOUS, faults: () => faults,
    underWay: (ms) => { latest = Math.max(latest, time.now() + ms); },
    orderTouched(member, orderId) {
      recorder.note(() => `${member} ${describeOrder(tables(member), orderId)}`);
      watch.orderTouched(orderId);
    },
    cloudChanged(member, entry, isLate) {
      if (entry.kind !== 'knobs' && entry.kind !== 'token') recorder.note(() => `${member} cloud ${isLate ? 'late ' : ''}${JSON.stringify(entry)}`);
      watch.cloudChanged(member, entry, isLate);
    },
  };
  const fate = stanzaFate(world);
  network.setFate((transit) => {
    const decided = fate(transit);
    recorder.note(() => `${transit.from} → ${transit.to} ${transit.type} ${transit.namespace ?? ''} ${transit.id.includes('.') ? transit.id : ''} ${JSON.stringify(decided)}`);
    return decided;
  });
  startRendezvous(network, time, plan.timing.memberLife);
  for (let index = 0; index < plan.members; index += 1) {
    const member = createSimulatedMember(`m${String(index).padStart(3, '0')}.test`, world);
    members.push(member);
    memberOf.set(member.id, member);
    member.cloud.state.turn({ maxInstances: random.below(4), maxVolumes: random.below(3), maxNetworks: random.below(2) });
  }
  for (const member of members) member.start();
  createUsers({ world, members, promises }).start();
  startStorm({ world, members, promises, watch, note: (text) => recorder.note(() => text) });
  const ids = members.map(({ id }) => id);
  return {
    plan, time, watch, fingerprint: recorder.fingerprint, latestArrival: () => latest,
    calm() {
      faults = NO_FAULTS;
      for (const { cloud } of members) cloud.state.turn({ maxInstances: null, maxVolumes: null, maxNetworks: null, neverBoot: false, refuse: 'none' });
    },
    faults: () => {
      const found = finalFaults({ promises, members: ids, tables, watch });
      return found.length > 0 ? found : debtFaults({ members: ids, tables, now: time.now(), lagMs: settleBoundMs(plan.timing) });
    },
    countOrders: () => countStates([...promises.values()].map(({ id, member }) => tables(member).orders.get(id)?.order.state ?? 'gone')),
  };
}

function countStates(states: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** A stand-in for the Rendezvous: whoever announced itself of late is alive; one page. */
function startRendezvous(network: MemoryNetwork, time: VirtualTime, lifeMs: number): void {
  const seen = new Map<string, number>();
  const link = network.link(RENDEZVOUS, { timers: time });
  link.handle(IAMALIVE, async (from) => {
    seen.set(from, time.now());
    return {};
  });
  link.handle(WHOISALIVE, async (_from, { after }) => {
    const alive = after ? [] : [...seen].filter(([, at]) => at > time.now() - lifeMs).map(([id]) => ({ id }));
    return { members: alive, total: alive.length };
  });
  void link.start();
}

function describeOrder(tables: SimulatedMember['tables'], orderId: string): string {
  const stored = tables.orders.get(orderId);
  const releases = [...tables.releases.values()].filter((release) => release.orderId === orderId).map(({ incarnation, member }) => `${incarnation}@${member}`).join(',');
  if (!stored) return `${orderId} is not there; releases ${releases}`;
  const { order, leaseOwner } = stored;
  return `${orderId} ${order.kind} of ${order.requester} ${order.state} incarnation ${order.incarnation} attempts ${order.attempts} at ${order.provider ?? '-'} as ${order.instance?.id ?? '-'}${leaseOwner ? ' held' : ''}; releases ${releases}; ${order.reason ?? ''}`;
}

/** FNV-1a over the moments at which something happened; moments are drawn from the seed, so two schedules hardly share them. */
function createRecorder(time: VirtualTime, trace: ((line: string) => void) | undefined) {
  const moment = new Float64Array(1);
  const words = new Uint32Array(moment.buffer);
  let hash = 0x811c9dc5;
  return {
    note(text: () => string): void {
      moment[0] = time.now();
      for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
      trace?.(`${((time.now() - BEGIN.getTime()) / 1000).toFixed(3)} ${text()}`);
    },
    fingerprint: (): string => (hash >>> 0).toString(16).padStart(8, '0'),
  };
}
