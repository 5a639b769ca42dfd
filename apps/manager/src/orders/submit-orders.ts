import type { MemberId } from '@fogbow/request-model';
import { newId } from '@fogbow/service-runtime';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { checkNeeds } from './check-needs.js';
import { checkSubmission } from './check-submission.js';
import type { SubmissionLimits } from './check-submission.js';
import type { NewOrder } from './insert-orders.js';
import type { OrderStore } from './order-store.js';
import type { Submission } from './submission.js';
import type { WakeUp } from './wake-up.js';

export interface SubmitOptions extends SubmissionLimits {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly wakeUp: WakeUp;
  readonly checkpoints: Checkpoints<CrashStep>;
}

export type SubmitOrders = (submission: Submission) => Promise<readonly string[]>;

/** Use case: N machines asked are N orders of one batch, each living its own life. Answers their ids once they are durable. */
export function createSubmitOrders(options: SubmitOptions): SubmitOrders {
  return async (submission) => {
    checkSubmission(submission, options);
    await checkNeeds(options, submission);
    const batchId = newId();
    const planned = Array.from({ length: submission.count }, newId);
    const { ids, areStored } = await submission.claim?.(planned) ?? { ids: planned, areStored: false };
    if (areStored) return ids;
    await options.store.insert(ids.map((id) => newOrder(id, submission, batchId, options)));
    options.checkpoints.reach('after-store-order');
    options.wakeUp('place-orders');
    return ids;
  };
}

function newOrder(id: string, submission: Submission, batchId: string, options: SubmitOptions): NewOrder {
  const { owner, kind, type, spec, validFrom, validUntil } = submission;
  const notBeforeMs = validFrom ? Math.max(0, validFrom.getTime() - options.now().getTime()) : 0;
  return {
    id, batchId, kind, type, owner, requester: options.self, incarnation: 1, spec, notBeforeMs,
    ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
  };
}
