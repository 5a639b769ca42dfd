import type { MemberId } from '@fogbow/request-model';
import { decodePayload, encodePayload, isSignedBy, signPayload } from './jws.js';
import type { Signature } from './jws.js';
import { toKeyObject } from './signing-key.js';
import type { PublicKey, SigningKeys } from './signing-key.js';

/** What a member publishes through the Rendezvous (`cert` of spec §3.1): its public key, signed by itself and, while it changes, by the one before. */
export interface MemberCertificate {
  readonly member: MemberId;
  readonly key: PublicKey;
  isSignedBy(key: PublicKey): boolean;
}

/** JWS with several signatures (RFC 7515 §7.2.1), in base64. The same keys make the same text, so that it changes only when they do. */
export function makeCertificate(member: MemberId, { current, previous }: SigningKeys): string {
  const payload = encodePayload({ sub: member, jwk: { kty: 'OKP', crv: 'Ed25519', x: current.publicKey.x } });
  const signatures = [current, ...(previous ? [previous] : [])].map((key) => signPayload(payload, key));
  return Buffer.from(JSON.stringify({ payload, signatures })).toString('base64');
}

const LONGEST = 4096;

/** Undefined for what is no certificate of this member signed by its own key; anybody may publish anything. */
export function readCertificate(member: MemberId, text: string): MemberCertificate | undefined {
  if (text.length > LONGEST) return undefined;
  const { payload, signatures } = toParts(parse(Buffer.from(text, 'base64').toString()));
  const { sub, jwk } = (decodePayload(payload) ?? {}) as { sub?: unknown; jwk?: { kty?: unknown; crv?: unknown; x?: unknown } };
  if (sub !== member || jwk?.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string' || !isKey(jwk.x)) return undefined;
  const signedBy = (key: PublicKey): boolean => signatures.some((signature) => isSignedBy(payload, signature, key));
  const key = { x: jwk.x };
  return signedBy(key) ? { member, key, isSignedBy: signedBy } : undefined;
}

const MOST_SIGNATURES = 4;

function toParts(value: unknown): { readonly payload: string; readonly signatures: readonly Signature[] } {
  const { payload, signatures } = (typeof value === 'object' && value !== null ? value : {}) as { payload?: unknown; signatures?: unknown };
  const list = Array.isArray(signatures) ? signatures.slice(0, MOST_SIGNATURES) as unknown[] : [];
  return { payload: typeof payload === 'string' ? payload : '', signatures: list.filter(isSignature) };
}

const isSignature = (value: unknown): value is Signature =>
  typeof value === 'object' && value !== null && typeof (value as Signature).protected === 'string' && typeof (value as Signature).signature === 'string';

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isKey(x: string): boolean {
  try {
    return toKeyObject({ x }).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
