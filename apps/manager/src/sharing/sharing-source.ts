import { NO_FAVOURS } from '@fogbow/request-model';
import type { FavoursOf, MemberId } from '@fogbow/request-model';
import type { MemberAdmission, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import type { ReadFavours } from '../accounting/read-favours.js';
import type { KeptRoom, KeptRoomStore } from './kept-room.js';
import type { MakingRoom } from './plan-room.js';
import type { ReadHolders } from './read-holders.js';

/** What placement must know of the sharing policies. */
export interface SharingSource {
  /** Room that is kept for orders. */
  kept(): Promise<readonly KeptRoom[]>;
  /** Undefined where nobody ever gives way, or it would make no room now; with the favours that its policy uses. */
  making(): Promise<{ readonly making: MakingRoom; readonly favoursOf: FavoursOf } | undefined>;
  favoursOf(): Promise<FavoursOf>;
  /** Of these members, those that we do not ask, and why. */
  barred(members: readonly MemberId[]): Promise<ReadonlyMap<MemberId, string>>;
}

export interface SharingSourceOptions {
  readonly policy: PrioritizationPolicy;
  readonly maxVictims: number;
  readonly admission: Pick<MemberAdmission, 'mayBeAsked'>;
  readonly favours: ReadFavours;
  readonly kept: Pick<KeptRoomStore, 'list'>;
  readonly machines: ReadHolders;
}

export function createSharingSource({ policy, maxVictims, admission, favours, kept, machines }: SharingSourceOptions): SharingSource {
  const favoursOf = async (): Promise<FavoursOf> => {
    const known = await favours();
    return (member) => known[member] ?? NO_FAVOURS;
  };
  return {
    kept: () => (policy.preempts ? kept.list() : Promise.resolve([])),
    async making() {
      if (!policy.preempts || await machines.isStuck()) return undefined;
      const [holders, leaving, known] = await Promise.all([machines.holders(), machines.leaving(), policy.usesFavours ? favoursOf() : () => NO_FAVOURS]);
      return { making: { policy, maxVictims, holders, leaving }, favoursOf: known };
    },
    favoursOf,
    async barred(members) {
      const judged = await Promise.all(members.map(async (member): Promise<[MemberId, string | undefined]> => [member, await whyNotAsked(admission, member)]));
      return new Map(judged.filter((one): one is [MemberId, string] => one[1] !== undefined));
    },
  };
}

/** Contract rule D2: who cannot be told to be admitted is not. */
async function whyNotAsked(admission: Pick<MemberAdmission, 'mayBeAsked'>, member: MemberId): Promise<string | undefined> {
  try {
    const decision = await admission.mayBeAsked(member);
    return decision.allowed ? undefined : decision.reason;
  } catch {
    return 'it cannot be told now whether it may be asked';
  }
}
