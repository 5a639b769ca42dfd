import { z } from 'zod';
import type { UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { siteOf } from '@fogbow/service-runtime';
import type { ListAccounting } from '../../accounting/list-accounting.js';
import type { MeasureUse } from '../../accounting/measure-use.js';
import { enforceRate } from '../limit-rate.js';
import type { RateLimit } from '../limit-rate.js';
import { endpoint, publicEndpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { amountSchema, minutesOf } from './federation-endpoints.js';

export interface AccountApi {
  readonly self: string;
  readonly use: MeasureUse;
  readonly accounting: ListAccounting;
  readonly admins: readonly string[];
  readonly rate: RateLimit;
  /** The user of a token, or undefined. */
  userOf(token: string): Promise<UserRef | undefined>;
}

const UNLIMITED = { instances: null, vcpu: null, ramMb: null };
const userSchema = z.strictObject({ id: z.string(), name: z.string() });
const lineSchema = z.strictObject({
  user: z.string(), requestingMember: z.string(), providingMember: z.string(), kind: z.enum(['compute', 'storage']),
  usage: z.number().describe('Power × minutes of machines, or GB × minutes of volumes.'), seconds: z.number().int().describe('Of machines, or of volumes.'), vcpuSeconds: z.number().int(),
  powerSeconds: z.number().int().describe('Power × seconds; the plugin of `benchmarking` says how much a machine is worth.'), gbSeconds: z.number().int(),
});

/** Who the caller is, and who had what. */
export function accountEndpoints(api: AccountApi): Endpoint[] {
  return [me(api), accounting(api), tokens(api)];
}

function me({ self, use }: AccountApi): Endpoint {
  return endpoint({
    method: 'get', path: '/v1/me', group: 'account', action: 'member.read', summary: 'Who you are, and what your machines use',
    answers: { 200: { meaning: 'You. No user has a limit of their own; the quota of the member holds for all together.', body: userSchema.extend({ member: z.string(), quota: z.strictObject({ limit: amountSchema, used: amountSchema }) }) } },
    handle: async ({ user }) => ({ body: { id: user.id, name: user.name, member: self, quota: { limit: UNLIMITED, used: await use(user) } } }),
  });
}

function accounting({ accounting: list, admins }: AccountApi): Endpoint {
  return endpoint({
    method: 'get', path: '/v1/accounting', group: 'account', action: 'member.read', summary: 'Who had how much of whom',
    description: 'For the users named in the setting `admins`. Time counts while an order is fulfilled; sizes are those of this member’s flavors.',
    answers: { 200: { meaning: 'A line for each user, requesting and providing member.', body: z.strictObject({ accounting: z.array(lineSchema) }) }, 403: { meaning: 'You are not an administrator.' } },
    async handle({ user }) {
      if (!admins.includes(user.id)) throw new FogbowError('forbidden', 'You don\'t have necessary permissions for the resource.');
      return { body: { accounting: (await list()).map((line) => ({
        ...line, usage: minutesOf(line.kind === 'compute' ? line.powerSeconds : line.gbSeconds), seconds: Math.round(line.seconds), vcpuSeconds: Math.round(line.vcpuSeconds),
        powerSeconds: Math.round(line.powerSeconds), gbSeconds: Math.round(line.gbSeconds),
      })) } };
    },
  });
}

function tokens({ rate, userOf }: AccountApi): Endpoint {
  const token = z.string({ error: 'must be the token to check: passwords are not known here' }).min(1).max(16_384);
  return publicEndpoint({
    method: 'post', path: '/v1/tokens', group: 'account', summary: 'Check a token',
    description: 'The identity plugins of today know tokens and no passwords: the credentials are the token, and the answer says whose it is.',
    body: z.strictObject({ credentials: z.strictObject({ token }), type: z.string().max(100).optional() }),
    answers: { 201: { meaning: 'It is good.', body: z.strictObject({ token, user: userSchema }) }, 401: { meaning: 'It is not.' }, 429: { meaning: 'Too many tries from this address.', headers: { 'Retry-After': 'Seconds.' } } },
    async handle({ body, response }) {
      enforceRate(rate, `address ${siteOf(response.req.socket.remoteAddress)}`, response);
      const user = await userOf(body.credentials.token);
      if (!user) throw new FogbowError('unauthenticated', 'These credentials are not known.');
      return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token: body.credentials.token, user: { id: user.id, name: user.name } } };
    },
  });
}
