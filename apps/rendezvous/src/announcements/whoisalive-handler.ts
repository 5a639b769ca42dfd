import type { MembersPage, MembersQuery, MessageHandler } from '@fogbow/messaging';
import type { Clock } from '@fogbow/service-runtime';
import type { MemberRegistry } from '../members/member-registry.js';

export interface WhoisaliveOptions {
  readonly registry: MemberRegistry;
  readonly clock: Clock;
  readonly pageMax: number;
}

/** One page of the members that are alive at this moment. */
export function createWhoisaliveHandler({ registry, clock, pageMax }: WhoisaliveOptions): MessageHandler<MembersQuery, MembersPage> {
  return async (_from, query) => {
    registry.expire(clock.now());
    const { members, total } = registry.page(query, pageMax);
    return { members: members.map(({ id, certificate }) => (certificate ? { id, certificate } : { id })), total };
  };
}
