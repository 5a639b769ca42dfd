import type { MemberId } from '@fogbow/request-model';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { OrderLeases } from '../orders/claim-orders.js';
import type { Release, ReleaseStore } from '../orders/release-store.js';
import type { WakeLater, WakeUp } from '../orders/wake-up.js';
import type { MeasureSilence } from '../members/member-store.js';
import type { InstanceProvider, ReleaseOutcome } from './instance-provider.js';

export interface ReleaseOptions {
  readonly self: MemberId;
  readonly releases: ReleaseStore;
  readonly leases: OrderLeases;
  readonly local: InstanceProvider;
  readonly remote: InstanceProvider;
  /** Drops the order, or without an id all orders, that were deleted and of which nothing is left. */
  readonly purge: (orderId?: string) => Promise<void>;
  readonly wakeUp: WakeUp;
  readonly wakeLater: WakeLater;
  readonly workerDeadAfterMs: number;
  readonly silence: MeasureSilence;
  /** What is left at a member that has been gone for so long is given up. */
  readonly abandonAfterMs: number;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
}

const BATCH = 50;
const WORTH_A_LINE = 5;

/** Duty "release instances": what must go is asked to go until cloud or peer confirm that it is gone. */
export function createReleaseWorker(options: ReleaseOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    let gone = 0;
    const silent: Silent = new Map();
    // Whoever deleted an order, or removed the last of it, may have died before it could purge it.
    await options.purge();
    while (!signal.aborted) {
      const due = await options.releases.claimDue(BATCH, options.workerDeadAfterMs);
      if (due.length === 0) break;
      gone += (await Promise.all(due.map((one) => releaseOne(options, one, silent, signal)))).filter(Boolean).length;
    }
    if (gone === 0) return;
    // Room may have come for those who wait for it.
    await options.leases.wakeWaiting([options.self]);
    options.wakeUp('place-orders');
  };
}

/** Pure: the n-th try in vain is followed by a pause twice as long as the one before, up to a minute. */
export const pauseAfter = (attempts: number, firstMs: number): number => Math.min(firstMs * 2 ** Math.min(Math.max(attempts - 1, 0), 10), 60_000);

async function releaseOne(options: ReleaseOptions, release: Release, silent: Silent, signal: AbortSignal): Promise<boolean> {
  options.checkpoints.reach('before-release');
  const outcome = await askToRelease(options, release, silent, signal);
  options.checkpoints.reach('after-release');
  if (outcome.kind === 'gone' || await isAbandoned(options, release)) {
    await options.releases.done(release);
    options.checkpoints.reach('after-forget-release');
    await options.purge(release.orderId);
    return true;
  }
  const inMs = pauseAfter(release.attempts, outcome.inMs);
  await options.releases.retry(release, inMs, outcome.reason);
  options.wakeLater('release-instances', inMs);
  if (release.attempts % WORTH_A_LINE === 0) options.log.warn('an instance cannot be released yet', { ...release, reason: outcome.reason });
  return false;
}

/** The unanswered questions of a round, since the last answer of a member. */
type Silent = Map<MemberId, number>;

/** Single questions get lost; who leaves so many unanswered is away. */
const MOST_UNANSWERED = 5;

/** A member that is away is not asked again in the same round: those behind it would wait for every time limit, also in our own cloud. */
async function askToRelease({ self, local, remote }: ReleaseOptions, release: Release, silent: Silent, signal: AbortSignal): Promise<ReleaseOutcome> {
  const { member } = release;
  if ((silent.get(member) ?? 0) >= MOST_UNANSWERED) return { kind: 'pending', reason: `${member} does not answer`, inMs: 1000 };
  const outcome = await (member === self ? local : remote).release(release, signal);
  if (outcome.kind === 'pending' && outcome.isSilent) silent.set(member, (silent.get(member) ?? 0) + 1);
  else silent.delete(member);
  return outcome;
}

/** Looked at when a removal has failed for some time: then its member may be gone for good. */
async function isAbandoned({ self, silence, abandonAfterMs, log }: ReleaseOptions, release: Release): Promise<boolean> {
  if (release.member === self || release.attempts < WORTH_A_LINE || ((await silence()).get(release.member) ?? 0) < abandonAfterMs) return false;
  log.warn('a member has been gone for too long; what may be left there is not asked for any more', { ...release });
  return true;
}
