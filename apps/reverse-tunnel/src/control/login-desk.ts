import { timingSafeEqual } from 'node:crypto';
import { isGrantId } from '../grants/stored-grant.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import type { LoginAsk } from '../workers/contract.js';

export interface LoginDeskOptions {
  readonly grants: { get(id: string): StoredGrant | undefined };
  /** True of a grant that has ended not long ago. */
  readonly hasEnded: (id: string) => boolean;
}

const NOBODY = '0'.repeat(64);

/** Who may log in: user name = id of a grant, with its secret or its key. Secrets are compared in constant time, and an unknown id costs the same. */
export function decideLogin({ grants, hasEnded }: LoginDeskOptions, { user, proof }: LoginAsk): { readonly grant: StoredGrant } | { readonly refused: RefusalReason } {
  const grant = isGrantId(user) ? grants.get(user) : undefined;
  const isRight = 'secretHash' in proof ? sameHash(proof.secretHash, grant?.secretHash) : grant?.publicKey !== undefined && sameKey(proof.publicKey, grant.publicKey);
  if (grant && isRight) return { grant };
  if (!isGrantId(user)) return { refused: 'bad-id' };
  if (!grant) return { refused: hasEnded(user) ? 'ended-grant' : 'unknown-grant' };
  return { refused: 'secretHash' in proof ? 'wrong-secret' : 'wrong-key' };
}

function sameHash(given: string, hash: string | undefined): boolean {
  const isSame = timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(hash ?? NOBODY, 'hex'));
  return isSame && hash !== undefined;
}

/** Type and key; comments do not count. */
const sameKey = (given: string, known: string): boolean => given.split(' ').slice(0, 2).join(' ') === known.trim().split(/\s+/).slice(0, 2).join(' ');
