import { Router } from 'express';
import type { ErrorRequestHandler } from 'express';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { MembersQuery } from '@fogbow/messaging';
import type { Clock } from '@fogbow/service-runtime';
import type { MemberRegistry } from '../members/member-registry.js';

export interface MembersApiOptions {
  readonly registry: MemberRegistry;
  readonly clock: Clock;
  readonly pageMax: number;
}

/** `GET /members?max=N&after=ID` → `{ members: [{ id, lastSeen, expires }], total, next? }`; `next` is the `after` of the next page. */
export function membersApi({ registry, clock, pageMax }: MembersApiOptions): Router {
  const router = Router();
  router.get('/members', (request, response) => {
    registry.expire(clock.now());
    const { members, total, more } = registry.page(readQuery(request.query), pageMax);
    response.json({
      members: members.map(({ id, lastSeen, timeoutMs }) => ({ id, lastSeen, expires: new Date(lastSeen.getTime() + timeoutMs) })),
      total,
      ...(more && members.length > 0 ? { next: members.at(-1)?.id } : {}),
    });
  });
  router.use(renderError);
  return router;
}

function readQuery({ max, after }: Readonly<Record<string, unknown>>): MembersQuery {
  if (max !== undefined && (typeof max !== 'string' || !/^\d{1,9}$/.test(max))) throw new FogbowError('bad-syntax', 'max must be a whole number.');
  if (after !== undefined && typeof after !== 'string') throw new FogbowError('bad-syntax', 'after must be one member id.');
  return { ...(max === undefined ? {} : { max: Number(max) }), ...(after === undefined ? {} : { after }) };
}

const renderError: ErrorRequestHandler = (thrown, _request, response, _next) => {
  const { code, entry, message } = asFogbowError(thrown);
  response.status(entry.httpStatus).json({ error: { code, message: code === 'internal' ? entry.meaning : message } });
};
