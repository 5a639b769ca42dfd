import { randomBytes, randomUUID } from 'node:crypto';

export const newId = (): string => randomUUID();

/** A URL-safe secret with `bytes` × 8 bits of entropy. */
export const newSecret = (bytes = 32): string => randomBytes(bytes).toString('base64url');

/** Back-off with full jitter: between half of and the whole exponential step, `base` × 2^attempt, at most `cap` (ms). */
export function backoff(attempt: number, base: number, cap: number): number {
  const step = Math.min(cap, base * 2 ** Math.min(attempt, 30));
  return step / 2 + Math.random() * (step / 2);
}
