import { newId } from '@fogbow/service-runtime';
import type { MemberId } from '@fogbow/request-model';
import type { OrderRecord, Verdict } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import { checkNeeds } from '../orders/check-needs.js';
import { checkSubmission } from '../orders/check-submission.js';
import type { Submission } from '../orders/submission.js';
import type { SubmitOptions } from '../orders/submit-orders.js';
import type { FactsSource } from './placement-facts.js';
import { planOrders } from './plan-orders.js';
import type { Planned } from './plan-orders.js';

/** Where one order would go. */
export interface Preview {
  readonly decision: 'here' | 'member' | 'wait' | 'refuse';
  readonly member?: MemberId;
  readonly flavor?: string;
  readonly reason?: string;
  readonly placement: readonly Verdict[];
}

export type PreviewPlacement = (submission: Submission, signal: AbortSignal) => Promise<readonly Preview[]>;

export interface PreviewOptions {
  readonly self: MemberId;
  readonly store: Pick<OrderStore, 'getMany'>;
  readonly facts: Pick<FactsSource, 'home' | 'withMembers' | 'withNeeds' | 'withRoom'>;
  readonly rules: Pick<SubmitOptions, 'maxCount' | 'flavorNames' | 'now'>;
}

/** Use case: what placement would decide about a submission as things are now. Nothing is stored and nobody is asked. */
export function createPreviewPlacement({ self, store, facts, rules }: PreviewOptions): PreviewPlacement {
  return async (submission, signal) => {
    checkSubmission(submission, rules);
    await checkNeeds({ self, store }, submission);
    const orders = Array.from({ length: submission.count }, () => wouldBe(submission, self, rules.now()));
    return (await planOrders(facts, orders, await facts.home(signal))).map((planned) => toPreview(planned, self));
  };
}

function wouldBe({ owner, kind, type, spec, validFrom, validUntil }: Submission, self: MemberId, now: Date): OrderRecord {
  return {
    id: newId(), batchId: newId(), kind, type, state: 'open', owner, requester: self, incarnation: 1, spec, createdAt: now, stateSince: now,
    failedBoots: 0, attempts: 0, refusals: {}, explanation: [], connected: false, ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
  };
}

function toPreview({ placement, explanation }: Planned, self: MemberId): Preview {
  switch (placement.where) {
    case 'here': return { decision: 'here', member: self, ...(placement.flavor ? { flavor: placement.flavor.name } : {}), placement: explanation };
    case 'member': return { decision: 'member', member: placement.member, placement: explanation };
    case 'room': return { decision: 'wait', reason: placement.reason, placement: explanation };
    case 'wait': return { decision: 'wait', reason: placement.reason, placement: explanation };
    case 'nowhere': return { decision: 'refuse', reason: placement.reason, placement: explanation };
    case 'expired': return { decision: 'refuse', reason: 'its validity is over', placement: explanation };
  }
}
