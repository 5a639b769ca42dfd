import { createHash } from 'node:crypto';
import { decideLogin } from '../control/login-desk.js';
import type { GrantStore } from '../grants/grant-store.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';

/** Who asks: a grant, or why it is nobody. */
export type Caller = { readonly grant: StoredGrant } | { readonly refused: RefusalReason };
type Grants = Pick<GrantStore, 'get'>;

/** A bearer token is `<grant>.<secret>`; secrets have no dots (RFC 6750 allows one). */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i;

/** The grant that a request speaks for, by the rules of an SSH login: an unknown grant costs as much as a wrong secret. */
export function authenticateGrant(grants: Grants, authorization: string | undefined): Caller {
  const token = bearerOf(authorization);
  const dot = token.lastIndexOf('.');
  return dot < 1 ? { refused: 'bad-id' } : withSecret(grants, token.slice(0, dot), token.slice(dot + 1));
}

/** The same for the original's paths: the grant is in the path, `<grant>` or `<grant>-<service>`, and the bearer may be the secret alone. */
export function authenticateToken(grants: Grants, token: string, authorization: string | undefined): Caller {
  const whole = authenticateGrant(grants, authorization);
  if ('grant' in whole) return token === whole.grant.id || token.startsWith(`${whole.grant.id}-`) ? whole : { refused: 'unknown-grant' };
  const named = prefixesOf(token).find((id) => grants.get(id)) ?? token;
  return withSecret(grants, named, bearerOf(authorization));
}

const bearerOf = (authorization: string | undefined): string => BEARER.exec(authorization ?? '')?.[1] ?? '';

const withSecret = (grants: Grants, user: string, secret: string): Caller =>
  decideLogin({ grants, hasEnded: () => false }, { user, address: '', proof: { secretHash: createHash('sha256').update(secret, 'utf8').digest('hex') } });

/** The token and what it is without its last parts, longest first. */
const prefixesOf = (token: string): string[] => token.split('-').map((_, index, parts) => parts.slice(0, parts.length - index).join('-'));
