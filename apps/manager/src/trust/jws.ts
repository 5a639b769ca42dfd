import { sign, verify } from 'node:crypto';
import { thumbprint, toKeyObject } from './signing-key.js';
import type { PublicKey, SigningKey } from './signing-key.js';

/** JSON Web Signatures (RFC 7515) with EdDSA (RFC 8037): the little that members need, over node:crypto. */
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** The protected header and the signature over it and an encoded payload. */
export interface Signature {
  readonly protected: string;
  readonly signature: string;
}

export function signPayload(payload: string, { privateKey, publicKey }: SigningKey): Signature {
  const header = encode({ alg: 'EdDSA', kid: thumbprint(publicKey) });
  return { protected: header, signature: sign(null, Buffer.from(`${header}.${payload}`), privateKey).toString('base64url') };
}

/** No other algorithm than EdDSA is ever believed, whatever the header says. */
export function isSignedBy(payload: string, { protected: header, signature }: Signature, key: PublicKey): boolean {
  if ((decode(header) as { alg?: unknown } | undefined)?.alg !== 'EdDSA') return false;
  try {
    return verify(null, Buffer.from(`${header}.${payload}`), toKeyObject(key), Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

export const encodePayload = encode;
export const decodePayload = decode;

/** Compact serialisation: `header.payload.signature`. */
export function signCompact(claims: Readonly<Record<string, unknown>>, key: SigningKey): string {
  const payload = encode(claims);
  const { protected: header, signature } = signPayload(payload, key);
  return `${header}.${payload}.${signature}`;
}

/** The claims of a token that this key has signed; undefined for any other. */
export function readCompact(token: string, key: PublicKey): Readonly<Record<string, unknown>> | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || !isSignedBy(payload, { protected: header, signature }, key)) return undefined;
  const claims = decode(payload);
  return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims as Record<string, unknown> : undefined;
}
