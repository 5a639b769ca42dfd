import type { Amount, MemberId, Quota, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { MeasureUse } from '../accounting/measure-use.js';

export interface QuotaView extends Quota {
  readonly usedByCaller: Amount;
}

export type ShowQuota = (user: UserRef, member: MemberId, signal: AbortSignal) => Promise<QuotaView>;

export interface ShowQuotaOptions {
  readonly self: MemberId;
  readonly use: MeasureUse;
  /** Undefined when our cloud does not say. */
  room(signal: AbortSignal): Promise<Quota | undefined>;
}

/** Use case: what a member has and how much of it is used. Of others it is not known here. */
export function createShowQuota({ self, use, room }: ShowQuotaOptions): ShowQuota {
  return async (user, member, signal) => {
    if (member !== self) throw new FogbowError('not-found', `The quota of ${member} is not known here; ask its own Manager.`);
    const [quota, usedByCaller] = await Promise.all([room(signal), use(user, member)]);
    if (!quota) throw new FogbowError('cloud-unavailable', 'The cloud does not tell its quota now; ask again in a moment.');
    return { ...quota, usedByCaller };
  };
}
