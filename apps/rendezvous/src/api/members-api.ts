import { Router } from 'express';
import type { ErrorRequestHandler } from 'express';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { MembersQuery } from '@fogbow/messaging';
import type { Clock } from '@fogbow/service-runtime';
import type { MemberTable } from '../members/member-table.js';

export interface MembersApiOptions {
  readonly table: MemberTable;
  readonly clock: Pick<Clock, 'now'>;
  readonly pageMax: number;
  /** Milliseconds of silence after which a member is dropped. */
  readonly timeoutMs: number;
}

/**
 * `GET /members?max=N&after=ID` → `{ members: [{ id, lastSeen, expires }], total, next? }`; `next` is the `after` of the next page. In place of
 * `after`, `before=ID` gives what stands before, an empty `before` the last page, `index=N` what begins there.
 */
export function membersApi({ table, clock, pageMax, timeoutMs }: MembersApiOptions): Router {
  const router = Router();
  router.get('/members', async (request, response) => {
    const { members, total, index } = await table.page(readQuery(request.query), pageMax);
    const now = clock.now().getTime();
    response.json({
      members: members.map(({ id, quietForMs }) => ({ id, lastSeen: new Date(now - quietForMs), expires: new Date(now - quietForMs + timeoutMs) })),
      total,
      ...(members.length > 0 && index + members.length < total ? { next: members.at(-1)?.id } : {}),
    });
  });
  router.use(renderError);
  return router;
}

function readQuery({ max, after, before, index }: Readonly<Record<string, unknown>>): MembersQuery {
  return { ...wholeNumber('max', max), ...wholeNumber('index', index), ...memberId('after', after), ...memberId('before', before) };
}

function wholeNumber(name: 'max' | 'index', value: unknown): MembersQuery {
  if (value === undefined) return {};
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) throw new FogbowError('bad-syntax', `${name} must be a whole number.`);
  return { [name]: Number(value) };
}

function memberId(name: 'after' | 'before', value: unknown): MembersQuery {
  if (value === undefined) return {};
  if (typeof value !== 'string') throw new FogbowError('bad-syntax', `${name} must be one member id.`);
  return { [name]: value };
}

const renderError: ErrorRequestHandler = (thrown, _request, response, _next) => {
  const { code, entry, message } = asFogbowError(thrown);
  response.status(entry.httpStatus).json({ error: { code, message: code === 'internal' ? entry.meaning : message } });
};
