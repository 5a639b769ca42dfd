import type { MemberId, UserRef } from '@fogbow/request-model';

/** The account of `cloud.credentials`: for all who have none of their own. */
export const DEFAULT_ACCOUNT = 'default';

/** By whom an order's account is chosen (spec §2.5: SingleMapper, MemberBased, FederationUserBased). */
export const MAPPERS = ['single', 'member', 'user'] as const;
export type Mapper = (typeof MAPPERS)[number];

export interface AccountHolder {
  readonly requester: MemberId;
  readonly owner: Pick<UserRef, 'id'>;
}

/** The name of the account under which an order of this user is served. */
export type MapAccount = (holder: AccountHolder) => string;

export interface MapAccountOptions {
  readonly self: MemberId;
  readonly mapper: Mapper;
  /** For `member` ids of members; for `user` the ids of our users, and `USER@MEMBER` of those of others. */
  readonly names: readonly string[];
}

/** Pure. Two members may each have an alice, so only our own users go by their bare ids. */
export function createMapAccount({ self, mapper, names }: MapAccountOptions): MapAccount {
  const known = new Set(names);
  const nameOf: Record<Mapper, MapAccount> = {
    single: () => DEFAULT_ACCOUNT,
    member: ({ requester }) => requester,
    user: ({ requester, owner }) => (requester === self ? owner.id : `${owner.id}@${requester}`),
  };
  return (holder) => {
    const name = nameOf[mapper](holder);
    return known.has(name) ? name : DEFAULT_ACCOUNT;
  };
}
