import { createHash } from 'node:crypto';

/** Characters of a certificate; a page shrinks to what a stanza can carry, so this only keeps the table small. */
export const MAX_CERTIFICATE = 8192;

/** For logs: enough to compare. */
export const fingerprint = (certificate: string | undefined): string | undefined =>
  (certificate ? createHash('sha256').update(certificate).digest('hex').slice(0, 16) : undefined);
