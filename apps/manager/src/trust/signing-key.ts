import { createHash, createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** An Ed25519 key of this member. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

/** The public half: `x` of RFC 8037 §2, which says all about it. */
export interface PublicKey {
  readonly x: string;
}

/** Of a JWK (RFC 7638): the name of a key. */
export const thumbprint = ({ x }: PublicKey): string => createHash('sha256').update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })).digest('base64url');

export const toKeyObject = ({ x }: PublicKey): KeyObject => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });

const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that follows from the member's secret, where the operator has made none: the same in all processes of the member. */
export function deriveSigningKey(secret: Buffer): SigningKey {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'fogbow federation signing key', 32));
  return withPublic(createPrivateKey({ key: Buffer.concat([PKCS8_BEFORE_SEED, seed]), format: 'der', type: 'pkcs8' }));
}

/** A PEM file made by `openssl genpkey -algorithm ed25519`. Throws a sentence when it cannot serve. */
export function readSigningKey(path: string): SigningKey {
  const key = createPrivateKey(readFileSync(path));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} must hold an Ed25519 key; make it with: openssl genpkey -algorithm ed25519 -out FILE`);
  return withPublic(key);
}

const withPublic = (privateKey: KeyObject): SigningKey => ({ privateKey, publicKey: { x: String(createPublicKey(privateKey).export({ format: 'jwk' }).x) } });

/** The present key of the member and, while it is being replaced, the one before. */
export interface SigningKeys {
  readonly current: SigningKey;
  readonly previous?: SigningKey;
}

/** Without files the key follows from the secret; the first file that replaces it is vouched for by it. */
export function signingKeys({ secret, keyFile, previousKeyFile }: { readonly secret: Buffer; readonly keyFile?: string | undefined; readonly previousKeyFile?: string | undefined }): SigningKeys {
  const derived = deriveSigningKey(secret);
  if (!keyFile) return { current: derived };
  return { current: readSigningKey(keyFile), previous: previousKeyFile ? readSigningKey(previousKeyFile) : derived };
}
