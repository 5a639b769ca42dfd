import { createHash, timingSafeEqual } from 'node:crypto';

const NOBODY = Buffer.alloc(32).toString('hex');

/**
 * Compares a secret with its SHA-256 (hex) in constant time. An unknown user costs the same, so that time does not
 * tell which grants exist.
 */
export function secretMatches(secret: string, hash: string | undefined): boolean {
  const given = createHash('sha256').update(secret, 'utf8').digest();
  return timingSafeEqual(given, Buffer.from(hash ?? NOBODY, 'hex')) && hash !== undefined;
}
