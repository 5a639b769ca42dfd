import type { Request } from 'express';
import { onceKey } from '../once-key.js';
import type { Submission } from '../../orders/submission.js';
import type { OcciOptions } from './occi-options.js';

/** Submits what a POST asks for. With an `Idempotency-Key`, as in JSON, the same request means the same orders for 24 hours. */
export async function submitKeyed({ orders, submitOnce }: Pick<OcciOptions, 'orders' | 'submitOnce'>, request: Request, submission: Submission): Promise<readonly string[]> {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return await orders.submit(submission);
  const { kind, type, count, spec, validFrom, validUntil } = submission;
  return (await submitOnce(submission, onceKey(key, ['occi', kind, type, count, spec, validFrom, validUntil]))).ids;
}
