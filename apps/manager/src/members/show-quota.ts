import type { Amount, MemberId, Quota, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { GETREMOTEUSERQUOTA, NO_LIMIT } from '@fogbow/messaging';
import type { MessageSender, RemoteQuota, ResourceCount } from '@fogbow/messaging';
import type { MeasureUse } from '../accounting/measure-use.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import type { ListMembers } from './list-members.js';

export interface QuotaView extends Quota {
  readonly usedByCaller: Amount;
}

export type ShowQuota = (user: UserRef, member: MemberId, signal: AbortSignal) => Promise<QuotaView>;

export interface ShowQuotaOptions {
  readonly self: MemberId;
  readonly use: MeasureUse;
  readonly members: ListMembers;
  readonly link: Pick<MessageSender, 'request'>;
  readonly identity: Pick<ForwardedIdentity, 'vouchFor'>;
  readonly timeoutMs: number;
  /** Undefined when our cloud does not say. */
  room(signal: AbortSignal): Promise<Quota | undefined>;
}

/** Use case: what a member has and how much of it is used. Others are asked for what they tell to members. */
export function createShowQuota(options: ShowQuotaOptions): ShowQuota {
  return async (user, member, signal) => {
    if (member !== options.self) return await askMember(options, user, member, signal);
    const [quota, usedByCaller] = await Promise.all([options.room(signal), options.use(user, member)]);
    if (!quota) throw new FogbowError('cloud-unavailable', 'The cloud does not tell its quota now; ask again in a moment.');
    return { ...quota, usedByCaller };
  };
}

async function askMember({ members, link, identity, timeoutMs }: ShowQuotaOptions, user: UserRef, member: MemberId, signal: AbortSignal): Promise<QuotaView> {
  if (!(await members()).some(({ id }) => id === member)) throw new FogbowError('not-found', 'There is no such member.');
  return fromRemoteQuota(await link.request(member, GETREMOTEUSERQUOTA, { token: identity.vouchFor(user, member, 'quota') }, { timeoutMs, signal }));
}

/** Pure: what is told to another member. A dimension without a limit has the largest number of originals. */
export function toRemoteQuota(member: MemberId, { limit, used }: Quota, byUser: Amount): RemoteQuota {
  const count = (of: (amount: Amount) => number): ResourceCount =>
    ({ idle: Math.max(0, Math.min(NO_LIMIT, limitOf(of(limit))) - of(used)), inUse: of(used), inUseByUser: of(byUser) });
  return { member, cpu: count(({ vcpu }) => vcpu), instances: count(({ instances }) => instances), mem: count(({ ramMb }) => ramMb) };
}

/** Pure: the reverse. */
export function fromRemoteQuota({ cpu, instances, mem }: RemoteQuota): QuotaView {
  const amount = (of: (count: ResourceCount) => number): Amount => ({ instances: of(instances), vcpu: of(cpu), ramMb: of(mem) });
  return { limit: amount(({ idle, inUse }) => limitOf(idle + inUse)), used: amount(({ inUse }) => inUse), usedByCaller: amount(({ inUseByUser }) => inUseByUser) };
}

const limitOf = (value: number): number => (value >= NO_LIMIT ? Infinity : value);
