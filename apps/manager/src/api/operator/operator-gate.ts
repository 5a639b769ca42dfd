import type { Request, RequestHandler } from 'express';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { siteOf } from '@fogbow/service-runtime';
import { tokenOf } from '../authenticate.js';
import type { Authenticate } from '../authenticate.js';
import { enforceRate } from '../limit-rate.js';
import type { RateLimit } from '../limit-rate.js';

interface OperatorGateOptions {
  /** Made with {@link operatorToken}. */
  readonly authenticate: Authenticate;
  /** Ids of users. */
  readonly admins: readonly string[];
  readonly rate: RateLimit;
}

/** What a browser asks its user for: any name, and the token as the password (RFC 7617). */
export const OPERATOR_CHALLENGE = 'Basic realm="Fogbow, for operators", charset="UTF-8"';

/** The token is the password, or where other clients have it. */
export function operatorToken(request: Request): string | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  if (encoded === undefined) return tokenOf(request);
  return /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

/** Lets the users named in the setting `admins` pass. Wrong tokens count with those that an address gives elsewhere; who only asks is always told how to log in. */
export function createOperatorGate({ authenticate, admins, rate }: OperatorGateOptions): RequestHandler {
  return async (request, response, next) => {
    const user = await authenticate(request, response, 'member.read').catch((error: unknown) => {
      if (asFogbowError(error).code === 'unauthenticated' && operatorToken(request) !== undefined) enforceRate(rate, `address ${siteOf(request.socket.remoteAddress)}`, response);
      throw error;
    });
    if (!admins.includes(user.id)) throw new FogbowError('forbidden', 'You don\'t have necessary permissions for the resource.');
    if (isFromElsewhere(request)) throw new FogbowError('forbidden', 'Changes are taken from the board itself, or with X-Auth-Token.');
    next();
  };
}

/** A browser sends the password whoever made the page that asks. */
function isFromElsewhere(request: Request): boolean {
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  return isChange && request.get('X-Auth-Token') === undefined && request.get('Sec-Fetch-Site') !== 'same-origin';
}
