import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';

/** An Ed25519 key pair as OpenSSH writes it. */
export interface SshKey {
  /** Of the form `-----BEGIN OPENSSH PRIVATE KEY-----`, without a passphrase. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
}

const TYPE = 'ssh-ed25519';
const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');
const BLOCK = 8;

/** The key of that name, which follows from a secret: the same in all processes that share it, and stored nowhere. */
export function deriveSshKey(secret: Buffer, name: string): SshKey {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', name, 32));
  const pair = createPrivateKey({ key: Buffer.concat([PKCS8_BEFORE_SEED, seed]), format: 'der', type: 'pkcs8' });
  const half = Buffer.from(String(createPublicKey(pair).export({ format: 'jwk' }).x), 'base64url');
  const wire = Buffer.concat([field(TYPE), field(half)]);
  return { privateKey: armour(privateBlob(seed, half, wire)), publicKey: `${TYPE} ${wire.toString('base64')}` };
}

/** A text or bytes with their length before them (RFC 4251 §5). */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** OpenSSH's PROTOCOL.key: one key, not encrypted. Its check number may be any that stands there twice. */
function privateBlob(seed: Buffer, half: Buffer, wire: Buffer): Buffer {
  const check = number(half.readUInt32BE());
  const inner = Buffer.concat([check, check, wire, field(Buffer.concat([seed, half])), field('')]);
  const padding = Buffer.from(Array.from({ length: (BLOCK - (inner.length % BLOCK)) % BLOCK }, (_, index) => index + 1));
  return Buffer.concat([Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), number(1), field(wire), field(Buffer.concat([inner, padding]))]);
}

function armour(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
