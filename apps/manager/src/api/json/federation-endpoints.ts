import { z } from 'zod';
import { isMemberId } from '@fogbow/request-model';
import type { Flavor } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Image } from '@fogbow/plugin-contracts';
import type { AccountingLine, ListAccounting } from '../../accounting/list-accounting.js';
import type { ListMembers } from '../../members/list-members.js';
import type { ShowQuota } from '../../members/show-quota.js';
import { endpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

export interface FederationApi {
  readonly self: string;
  readonly members: ListMembers;
  readonly quota: ShowQuota;
  readonly accounting: ListAccounting;
  readonly admins: readonly string[];
  /** False when none was known. */
  forgetKey(member: string): Promise<boolean>;
  readonly flavors: readonly Flavor[];
  /** Empty where the cloud names none. */
  images(signal: AbortSignal): Promise<readonly Image[]>;
}

/** Null in a limit: there is none. */
export const amountSchema = z.strictObject({
  instances: z.number().nullable(), vcpu: z.number().nullable(), ramMb: z.number().nullable(),
  volumes: z.number().nullable().optional(), volumeGb: z.number().nullable().optional(), networks: z.number().nullable().optional(),
});
const quotaSchema = z.strictObject({ limit: amountSchema, used: amountSchema, usedByCaller: amountSchema });
const memberSchema = z.strictObject({
  id: z.string(), self: z.boolean(), alive: z.boolean(), lastSeen: z.iso.datetime().optional(),
  key: z.string().optional().describe('Thumbprint (RFC 7638) of the key that it is believed by.'),
  refusedKey: z.string().optional().describe('Thumbprint of a key that it publishes and that the believed one has not signed.'),
});
const flavorSchema = z.strictObject({ name: z.string(), vcpu: z.number(), ramMb: z.number(), diskGb: z.number().describe('-1: the cloud does not say.') });
const imageSchema = z.strictObject({ id: z.string(), name: z.string(), member: z.string(), minDiskGb: z.number().optional(), minRamMb: z.number().optional() });

/** Who is in the federation, and what there is to order. */
export function federationEndpoints(api: FederationApi): Endpoint[] {
  return [...memberEndpoints(api), ...catalogueEndpoints(api)];
}

function memberEndpoints({ self, members, quota, accounting, admins, forgetKey }: FederationApi): Endpoint[] {
  const shared = { method: 'get', group: 'members', action: 'member.read' } as const;
  return [
    endpoint({
      ...shared, path: '/v1/members', summary: 'The members of the federation, this one first',
      answers: { 200: { meaning: 'All of them.', body: z.strictObject({ members: z.array(memberSchema) }) } },
      handle: async () => ({ body: { members: await members() } }),
    }),
    endpoint({
      ...shared, path: '/v1/members/{id}/quota', summary: 'What a member has, how much of it is used, and how much of that by you',
      description: 'Another member is asked for what it tells to members: machines, vCPUs and memory.',
      answers: { 200: { meaning: 'Its quota.', body: quotaSchema }, 404: { meaning: 'There is no such member, or it does not tell.' }, 503: { meaning: 'The cloud, or the other member, does not answer now.' } },
      handle: async ({ user, param, signal }) => ({ body: await quota(user, param('id'), signal) }),
    }),
    endpoint({
      ...shared, method: 'delete', path: '/v1/members/{id}/key', summary: 'Forget the key that a member is believed by, and believe the next one that it publishes',
      description: 'For the users named in the setting `admins`, when a member has lost its key. Compare the thumbprint with its operator first.',
      answers: { 204: { meaning: 'It is forgotten.' }, 403: { meaning: 'You are not an administrator.' }, 404: { meaning: 'None was known.' } },
      async handle({ user, param }) {
        if (!admins.includes(user.id)) throw new FogbowError('forbidden', 'You don\'t have necessary permissions for the resource.');
        if (!await forgetKey(param('id'))) throw new FogbowError('not-found', 'No key of this member is known.');
        return { status: 204 };
      },
    }),
    endpoint({
      ...shared, path: '/v1/members/{id}/usage', summary: 'What local users had of a member',
      answers: { 200: { meaning: 'Power × minutes of machines, GB × minutes of volumes.', body: z.strictObject({ computeUsage: z.number(), storageUsage: z.number() }) }, 404: { meaning: 'This cannot be the id of a member.' } },
      async handle({ param }) {
        const provider = param('id');
        if (!isMemberId(provider)) throw new FogbowError('not-found', 'There is no such member.');
        const lines = await accounting({ requester: self, provider });
        const total = (kind: string, of: (line: AccountingLine) => number): number => minutesOf(lines.filter((line) => line.kind === kind).reduce((sum, line) => sum + of(line), 0));
        return { body: { computeUsage: total('compute', ({ powerSeconds }) => powerSeconds), storageUsage: total('storage', ({ gbSeconds }) => gbSeconds) } };
      },
    }),
  ];
}

/** Rounded to six decimals (spec §1.11). */
export const minutesOf = (seconds: number): number => Math.round(seconds / 60 * 1e6) / 1e6;

function catalogueEndpoints({ self, flavors, images }: FederationApi): Endpoint[] {
  const shared = { method: 'get', group: 'catalogue', action: 'member.read' } as const;
  return [
    endpoint({
      ...shared, path: '/v1/flavors', summary: 'Sizes of machines that this member offers',
      answers: { 200: { meaning: 'All of them.', body: z.strictObject({ flavors: z.array(flavorSchema) }) } },
      handle: () => Promise.resolve({ body: { flavors } }),
    }),
    endpoint({
      ...shared, path: '/v1/images', summary: 'Images that machines of this member can start from',
      answers: { 200: { meaning: 'All of them; none where the cloud keeps no catalogue.', body: z.strictObject({ images: z.array(imageSchema) }) } },
      handle: async ({ signal }) => ({ body: { images: (await images(signal)).map(({ id, name, minDiskGb, minRamMb }) => ({ id, name, member: self, minDiskGb, minRamMb })) } }),
    }),
  ];
}
