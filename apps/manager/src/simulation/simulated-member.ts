import type { MemoryNetwork } from '@fogbow/messaging';
import type { ProcessGround } from './compose-process.js';
import type { CallFate } from './remote-calls.js';
import { createMemoryQueues } from './memory-queues.js';
import type { MemoryQueues } from './memory-queues.js';
import { createMemoryTables } from './memory-tables.js';
import type { MemoryTables } from './memory-tables.js';
import type { ProcessHost } from './process-host.js';
import type { SeededRandom } from './seeded-random.js';
import { createSimulatedCloud } from './simulated-cloud.js';
import type { CloudEntry, SimulatedCloud } from './simulated-cloud.js';
import { startProcess } from './simulated-process.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { FaultRates, SimulationPlan } from './simulation-plan.js';
import type { VirtualTime } from './virtual-time.js';

/** What all members live in. */
export interface World {
  readonly plan: SimulationPlan;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly network: MemoryNetwork;
  readonly rendezvous: string;
  sabotage(ground: ProcessGround): ProcessGround;
  /** Those of now: none when the storm is over. */
  faults(): FaultRates;
  /** Something is under way for so long. */
  underWay(ms: number): void;
  orderTouched(member: string, orderId: string): void;
  cloudChanged(member: string, entry: CloudEntry, isLate: boolean): void;
}

/** What of a member outlives its processes. */
export interface MemberParts {
  readonly world: World;
  readonly id: string;
  readonly rendezvous: string;
  readonly tables: MemoryTables;
  readonly queues: MemoryQueues;
  readonly cloud: SimulatedCloud;
  databaseFate(): CallFate;
  /** The process with the link is there: the member may be on the network again, unless it is cut off. */
  mayConnect(): void;
}

export type Outage = 'database' | 'redis' | 'cloud' | 'network';

export interface SimulatedMember {
  readonly id: string;
  readonly tables: MemoryTables;
  readonly cloud: SimulatedCloud;
  start(): void;
  /** The process that takes the users' calls, while it is there. */
  front(): SimulatedProcess | undefined;
  /** Kills a process; another takes its place after a while. */
  crash(): void;
  pause(ms: number): void;
  away(what: Outage, ms: number): void;
  wipeRedis(): void;
}

export function createSimulatedMember(id: string, world: World): SimulatedMember {
  const { time, random, network, plan } = world;
  const until: Record<Outage, number> = { database: 0, redis: 0, cloud: 0, network: 0 };
  const isAway = (what: Outage): boolean => until[what] > time.now();
  let isLinked = false;
  const connect = (): void => (isLinked && !isAway('network') ? network.restore(id) : network.cut(id));
  const tables = createMemoryTables(time.now, (orderId) => world.orderTouched(id, orderId));
  const queues = createMemoryQueues({ time, random, isAway: () => isAway('redis'), lossRate: () => world.faults().lostJob });
  const cloud = createSimulatedCloud({
    time, callTimeoutMs: plan.timing.cloudTimeout, fate: () => cloudFate(world, isAway('cloud')), stage: () => stageOf(world),
    record: (entry, isLate) => world.cloudChanged(id, entry, isLate),
  });
  const parts: MemberParts = {
    world, id, rendezvous: world.rendezvous, tables, queues, cloud, databaseFate: () => databaseFate(world, isAway('database')),
    mayConnect: () => { isLinked = true; connect(); },
  };
  const processes: SimulatedProcess[] = [];
  const crash = (host: ProcessHost): void => {
    const index = processes.findIndex((one) => one.host === host);
    if (index < 0 || host.isDead()) return;
    host.die();
    queues.stalled(host);
    if (index === 0) isLinked = false;
    connect();
    time.after(random.skewed(200, 20_000), () => { processes[index] = startProcess(parts, index, crash); });
  };
  const someone = (): ProcessHost => random.pick(processes).host;
  return {
    id, tables, cloud,
    start() {
      connect();
      for (let index = 0; index < plan.processes; index += 1) processes.push(startProcess(parts, index, crash));
    },
    front: () => (processes[0]?.serves() ? processes[0] : undefined),
    crash: () => crash(someone()),
    pause(ms) {
      const host = someone();
      host.pause(ms);
      if (ms > 15_000) queues.stalled(host);
    },
    away(what, ms) {
      until[what] = Math.max(until[what], time.now() + ms);
      connect();
      if (what === 'network') time.after(ms, connect);
    },
    wipeRedis: queues.wipe,
  };
}

function databaseFate({ random, faults }: World, isAway: boolean): CallFate {
  const afterMs = random.skewed(0.2, random.chance(0.02) ? 400 : 8);
  const fault = isAway ? 'refused' : random.chance(faults().databaseCall) ? random.pick(['refused', 'answer-lost'] as const) : undefined;
  return { afterMs, fault };
}

function cloudFate({ random, faults, plan, underWay }: World, isAway: boolean): CallFate {
  const isFaulty = isAway || random.chance(faults().cloudCall);
  // Slow ones take effect after their caller has given up.
  const fault = isFaulty ? random.pick(isAway ? ['refused', 'unanswered'] as const : ['refused', 'unanswered', 'answer-lost', 'slow'] as const) : undefined;
  if (fault === 'slow') {
    const afterMs = random.between(1, 2) * plan.timing.cloudTimeout;
    underWay(afterMs);
    return { afterMs };
  }
  return { afterMs: random.skewed(5, 2000), fault };
}

/** The fate of the next thing that a cloud makes. */
function stageOf({ random, faults }: World): object {
  const rate = faults().cloudCall;
  return {
    kinds: ['instances', 'volumes', 'networks', 'attachments'], bootDelay: Math.round(random.skewed(10, 20_000)), neverBoot: random.chance(rate / 4),
    refuse: random.chance(rate) ? random.pick(['no-valid-host', 'quota-exceeded', 'cloud-unavailable']) : 'none',
  };
}
