import { createHash, timingSafeEqual } from 'node:crypto';

/** What a component must send: SHA-1 over stream id and secret, in lower-case hex (XEP-0114 §3). */
export function expectedHandshake(streamId: string, secret: string): string {
  return createHash('sha1').update(streamId + secret, 'utf8').digest('hex');
}

/** Compares in constant time. An unknown component has no secret and is never accepted. */
export function isHandshakeGood(given: string, streamId: string, secret: string | undefined): boolean {
  const wanted = Buffer.from(expectedHandshake(streamId, secret ?? ''));
  const offered = Buffer.from(given.trim().toLowerCase());
  return offered.length === wanted.length && timingSafeEqual(offered, wanted) && secret !== undefined;
}
