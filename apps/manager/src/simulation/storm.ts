import type { Fate, Transit } from '@fogbow/messaging';
import type { ResourceKind } from '@fogbow/request-model';
import type { Promises } from './promises.js';
import type { SimulatedMember, World } from './simulated-member.js';
import type { FaultRates } from './simulation-plan.js';
import type { InstanceWatch } from './watch-instances.js';

export interface StormOptions {
  readonly world: World;
  readonly members: readonly SimulatedMember[];
  readonly promises: Promises;
  readonly watch: InstanceWatch;
  /** Told of every fault, for the trace. */
  note(text: string): void;
}

const MINUTE = 60_000;
const LONGEST_OUTAGE_MS = 40_000;

/** The greater faults, each at random times until the storm is over. */
export function startStorm(options: StormOptions): void {
  const { world, members, note } = options;
  const { time, random, plan } = world;
  const outage = (): number => random.skewed(500, LONGEST_OUTAGE_MS);
  const actions: Record<keyof FaultRates['perMinute'], (member: SimulatedMember) => void> = {
    crash: (member) => member.crash(),
    pause: (member) => member.pause(random.skewed(500, LONGEST_OUTAGE_MS)),
    cut: (member) => member.away('network', outage()),
    databaseAway: (member) => member.away('database', outage()),
    redisAway(member) {
      member.away('redis', outage());
      if (random.chance(0.5)) member.wipeRedis();
    },
    cloudAway: (member) => member.away('cloud', outage()),
    vanish: (member) => strike(options, member, (id) => member.cloud.state.vanish(id)),
    // A network that fails under its machines rightly stays until they go, however long that is.
    fail: (member) => strike(options, member, (id) => member.cloud.state.fail(id), ['network']),
  };
  for (const [name, perMinute] of Object.entries(plan.faults.perMinute) as [keyof typeof actions, number][]) {
    const count = Math.floor(perMinute * members.length * (plan.stormMs / MINUTE) + random.next());
    for (let index = 0; index < count; index += 1) {
      const member = random.pick(members);
      time.after(random.next() * plan.stormMs, () => {
        note(`${name} at ${member.id}`);
        actions[name](member);
      });
    }
  }
}

/** Something of the member's cloud is taken away or breaks, and what stands on it with it. */
function strike({ world: { random }, watch, promises }: StormOptions, member: SimulatedMember, act: (id: string) => void, spared: readonly ResourceKind[] = []): void {
  const things = watch.all().filter((thing) => thing.member === member.id && !spared.includes(thing.kind));
  if (things.length === 0) return;
  const struck = random.pick(things);
  for (const { orderId } of things.filter((thing) => thing === struck || thing.uses.includes(struck.id))) mayClose(promises, orderId);
  // What was to be attached to it may be so before anybody sees that it is broken.
  for (const { id, submission: { spec: { attachment } } } of promises.values()) {
    if (attachment?.computeOrderId === struck.orderId || attachment?.volumeOrderId === struck.orderId) mayClose(promises, id);
  }
  act(struck.id);
}

function mayClose(promises: Promises, orderId: string): void {
  const promised = promises.get(orderId);
  if (promised) promised.mayClose = true;
}

/** What becomes of each stanza: so long on its way that any may overtake any, lost, or there twice. */
export function stanzaFate({ random, faults, underWay }: World): (transit: Transit) => Fate {
  const delay = (): number => {
    if (!random.chance(faults().slowMessage)) return random.skewed(1, 300);
    const ms = random.skewed(1000, MINUTE);
    underWay(ms);
    return ms;
  };
  return () => {
    const { loss, duplicate } = faults();
    return { lose: random.chance(loss), delayMs: delay(), ...(random.chance(duplicate) ? { duplicate: true, duplicateDelayMs: delay() } : {}) };
  };
}
