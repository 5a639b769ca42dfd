import { createSeededRandom } from './seeded-random.js';

/** Everything about a run that is decided before it begins. It follows from the seed. */
export interface SimulationPlan {
  readonly seed: number;
  readonly members: number;
  /** Of each member; the first holds the federation and takes the users' calls. */
  readonly processes: number;
  /** So long faults happen; then they stop, and everything must come right. */
  readonly stormMs: number;
  readonly orders: number;
  readonly timing: Timing;
  readonly faults: FaultRates;
}

/** The settings of the Managers that have to do with time, in milliseconds. */
export interface Timing {
  readonly retryAfter: number;
  readonly bootDeadline: number;
  readonly resendAfter: number;
  readonly giveUpAfter: number;
  readonly workerDeadAfter: number;
  readonly memberLife: number;
  readonly orphanGrace: number;
  readonly lostAfter: number;
  readonly xmppTimeout: number;
  readonly cloudTimeout: number;
  readonly periods: { readonly scheduler: number; readonly release: number; readonly resend: number; readonly monitor: number; readonly served: number; readonly announce: number };
}

/** Probabilities of single calls, and how often greater faults happen, in times per member and virtual minute. */
export interface FaultRates {
  readonly loss: number;
  readonly duplicate: number;
  readonly slowMessage: number;
  readonly databaseCall: number;
  readonly cloudCall: number;
  readonly lostJob: number;
  readonly crashAtStep: number;
  readonly perMinute: {
    readonly crash: number; readonly pause: number; readonly cut: number; readonly databaseAway: number; readonly redisAway: number; readonly cloudAway: number; readonly vanish: number; readonly fail: number;
  };
}

const CALM: FaultRates = {
  loss: 0, duplicate: 0, slowMessage: 0, databaseCall: 0, cloudCall: 0, lostJob: 0, crashAtStep: 0,
  perMinute: { crash: 0, pause: 0, cut: 0, databaseAway: 0, redisAway: 0, cloudAway: 0, vanish: 0, fail: 0 },
};
export const NO_FAULTS = CALM;

/** Mostly few members, whose schedules are tried densely; `members` overrides what the seed says. */
export function planOf(seed: number, members?: number): SimulationPlan {
  const random = createSeededRandom(seed ^ 0x5eed);
  const size = random.next();
  const drawn = size < 0.97 ? 2 + random.below(9) : 12 + random.below(19);
  const count = members ?? drawn;
  const fierceness = random.chance(0.25) ? 3 : 1;
  const some = (most: number): number => (random.chance(0.25) ? 0 : random.between(0, most) * fierceness);
  const around = (ms: number): number => Math.round(ms * random.between(0.5, 2));
  const isLarge = count > 30;
  return {
    seed, members: count,
    processes: random.chance(0.4) ? 2 : 1,
    stormMs: isLarge ? 90_000 : random.skewed(40_000, random.chance(0.1) ? 900_000 : 200_000),
    orders: isLarge ? count : count * 2 + random.below(count * 3),
    timing: {
      retryAfter: around(10_000), bootDeadline: around(90_000), resendAfter: around(5000), giveUpAfter: around(40_000), workerDeadAfter: around(9000), memberLife: around(60_000),
      orphanGrace: around(30_000), lostAfter: around(120_000), xmppTimeout: around(5000), cloudTimeout: around(10_000),
      periods: { scheduler: around(15_000), release: around(6000), resend: around(6000), monitor: around(20_000), served: around(25_000), announce: isLarge ? 30_000 : around(15_000) },
    },
    faults: {
      loss: some(0.15), duplicate: some(0.15), slowMessage: some(0.1), databaseCall: some(0.01), cloudCall: some(0.08), lostJob: some(0.2), crashAtStep: some(0.01),
      perMinute: { crash: some(1), pause: some(0.7), cut: some(0.5), databaseAway: some(0.3), redisAway: some(0.3), cloudAway: some(0.3), vanish: some(0.5), fail: some(0.3) },
    },
  };
}
