import { setMaxListeners } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import type { UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Action, AuthorizationPolicy, IdentityProvider } from '@fogbow/plugin-contracts';

export interface AuthenticateOptions {
  readonly identity: IdentityProvider;
  readonly authorization: AuthorizationPolicy;
  readonly timeoutMs: number;
  /** What a 401 asks for; default: what the identity says. */
  readonly challenge?: string;
  /** Where the token is; default: where {@link Authenticate} says. */
  readonly readToken?: (request: Request) => string | undefined;
}

/** The caller, proved and allowed to do this. The token comes in `X-Auth-Token`, or in `Authorization` as a bearer, in base64 after `Basic`, or bare (spec §1.3). */
export type Authenticate = (request: Request, response: Response, action: Action) => Promise<UserRef>;

export function createAuthenticate({ identity, authorization, timeoutMs, challenge = identity.challenge, readToken = tokenOf }: AuthenticateOptions): Authenticate {
  const deadline = createDeadlines(timeoutMs);
  return async (request, response, action) => {
    const token = readToken(request);
    if (!token) {
      response.set('WWW-Authenticate', challenge);
      throw new FogbowError('unauthenticated', 'Authentication required.');
    }
    const user = await identity.authenticate(token, deadline());
    if (!user) {
      response.set('WWW-Authenticate', challenge);
      throw new FogbowError('unauthenticated', 'Unauthorized user.');
    }
    const decision = await authorization.decide(user, action);
    if (!decision.allowed) throw new FogbowError('forbidden', decision.reason);
    return user;
  };
}

/**
 * Signals that abort after the given time, or up to a tenth of it later: all who ask within that tenth share one. A signal for each request would be the
 * costliest part of many a request, because signals outlive the small collections of garbage.
 */
function createDeadlines(ms: number): () => AbortSignal {
  let shared: AbortSignal | undefined;
  return () => {
    if (shared) return shared;
    setTimeout(() => { shared = undefined; }, ms / 10).unref();
    shared = AbortSignal.timeout(Math.ceil(ms * 1.1));
    setMaxListeners(0, shared);
    return shared;
  };
}

export function tokenOf(request: Request): string | undefined {
  const own = request.get('X-Auth-Token');
  if (own) return own;
  const [, scheme = '', value] = /^(?:(Bearer|Basic) +)?(\S+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  return scheme.toLowerCase() === 'basic' && value ? Buffer.from(value, 'base64').toString('utf8') : value;
}

/** Wraps a handler that answers for an authenticated user. */
export function forUser(authenticate: Authenticate, action: Action, handler: (user: UserRef, request: Request, response: Response) => Promise<void>): RequestHandler {
  return async (request, response) => {
    await handler(await authenticate(request, response, action), request, response);
  };
}
