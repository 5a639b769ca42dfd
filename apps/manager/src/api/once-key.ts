import { createHash } from 'node:crypto';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { OnceKey } from '../orders/submit-once.js';

/** The value of an `Idempotency-Key` header with what was asked under it. Throws bad-syntax. */
export function onceKey(key: string, request: unknown): OnceKey {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw new FogbowError('bad-syntax', 'An Idempotency-Key has 1 to 255 printable characters without spaces.');
  return { key, fingerprint: createHash('sha256').update(JSON.stringify(request)).digest('base64url') };
}
