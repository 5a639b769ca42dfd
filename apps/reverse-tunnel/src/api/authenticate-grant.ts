import type { GrantStore } from '../grants/grant-store.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import { secretMatches } from '../sessions/secret-matches.js';

/** A bearer token is `<grant>.<secret>`; secrets have no dots (RFC 6750 allows one). */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i;

/** The grant that a request speaks for; undefined when its secret is not the one. An unknown grant costs as much as a wrong secret. */
export function authenticateGrant(grants: Pick<GrantStore, 'get'>, authorization: string | undefined): StoredGrant | undefined {
  const token = BEARER.exec(authorization ?? '')?.[1];
  const dot = token?.lastIndexOf('.') ?? -1;
  if (token === undefined || dot < 1) return undefined;
  const grant = grants.get(token.slice(0, dot));
  return secretMatches(token.slice(dot + 1), grant?.secretHash) ? grant : undefined;
}

/** The same for the original's paths: the grant is in the path, `<grant>` or `<grant>-<service>`, and the bearer may be the secret alone. */
export function authenticateToken(grants: Pick<GrantStore, 'get'>, token: string, authorization: string | undefined): StoredGrant | undefined {
  const secret = BEARER.exec(authorization ?? '')?.[1] ?? '';
  const whole = authenticateGrant(grants, authorization);
  if (whole) return isOf(token, whole.id) ? whole : undefined;
  const named = prefixesOf(token).map((id) => grants.get(id)).find(Boolean);
  return secretMatches(secret, named?.secretHash) ? named : undefined;
}

const isOf = (token: string, grantId: string): boolean => token === grantId || token.startsWith(`${grantId}-`);

/** The token and what it is without its last parts, longest first. */
const prefixesOf = (token: string): string[] => token.split('-').map((_, index, parts) => parts.slice(0, parts.length - index).join('-'));
