import type { MemberId } from '@fogbow/request-model';
import { withCorrelation } from '@fogbow/service-runtime';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { InstanceProvider, ReleaseOutcome, RequestOutcome } from './instance-provider.js';

export interface ToldProviderOptions {
  readonly provider: InstanceProvider;
  /** Asked when the order names none. */
  readonly self: MemberId;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'uptime'>;
}

/** The same provider, which acts in the name of the request that brought each order, and leaves a line about what became of it. */
export function createToldProvider({ provider, self, log, clock }: ToldProviderOptions): InstanceProvider {
  const timed = async <Outcome>(work: Promise<Outcome>, tell: (outcome: Outcome, ms: number) => void): Promise<Outcome> => {
    const begun = clock.uptime();
    const outcome = await work;
    tell(outcome, Math.round(clock.uptime() - begun));
    return outcome;
  };
  return {
    request: (order, grounds, signal) => withCorrelation(order.spec.origin, () => timed(provider.request(order, grounds, signal), (outcome, ms) =>
      log.info('an instance was asked for', { order: order.id, kind: order.kind, incarnation: order.incarnation, member: order.provider ?? self, ms, ...requestFacts(outcome) }))),
    describe: (orders, signal, round) => provider.describe(orders, signal, round),
    release: (target, signal) => withCorrelation(target.origin, () => timed(provider.release(target, signal), (outcome, ms) =>
      log[outcome.kind === 'gone' ? 'info' : 'debug']('an instance was to be removed', { order: target.orderId, kind: target.kind, incarnation: target.incarnation, member: target.member, ms, ...releaseFacts(outcome) }))),
  };
}

/** What an instance is like is told to its owner alone. */
function requestFacts(outcome: RequestOutcome): Record<string, unknown> {
  if (outcome.kind === 'accepted') return { outcome: outcome.kind, instance: outcome.instance.id };
  return outcome.kind === 'refused' ? { outcome: outcome.kind, code: outcome.code, reason: outcome.reason } : { outcome: outcome.kind };
}

const releaseFacts = (outcome: ReleaseOutcome): Record<string, unknown> => ({ outcome: outcome.kind, ...(outcome.kind === 'pending' ? { reason: outcome.reason } : {}) });
