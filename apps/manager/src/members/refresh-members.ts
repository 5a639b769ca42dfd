import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { readPages, WHOISALIVE } from '@fogbow/messaging';
import type { AliveMember, MessageSender } from '@fogbow/messaging';
import type { SelfAnnouncer } from './announce-self.js';
import { roomOf } from './member-room.js';
import type { MemberStore, NamedMember } from './member-store.js';

export interface RefreshOptions {
  readonly members: Pick<MemberStore, 'remember'>;
  readonly link: MessageSender;
  readonly self: MemberId;
  readonly announcer: SelfAnnouncer;
  readonly list: { readonly rendezvous: MemberId; readonly timeoutMs: number; readonly pageSize: number };
  /** A member not named for so long counts as new when it is named again. */
  readonly memberLifeMs: number;
  /** Told who was not alive before. */
  appeared(members: readonly MemberId[]): Promise<void>;
}

/** Characters; what is longer is no certificate that anybody would send. */
const MAX_CERTIFICATE = 16_384;

/** Duty (spec §2.4 iamalive, whoisalive): says that we live, and reads every page of who else does. */
export function createRefreshMembers({ members: store, link, self, announcer, list, memberLifeMs, appeared }: RefreshOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await announcer.announce(signal);
    const named = new Map<MemberId, AliveMember>();
    const read = (query: { max: number; after?: MemberId }) => link.request(list.rendezvous, WHOISALIVE, query, { timeoutMs: list.timeoutMs, signal });
    for await (const { members } of readPages({ pageSize: list.pageSize, read })) {
      for (const member of members) if (isMemberId(member.id)) named.set(member.id, member);
    }
    announcer.wasListed(named.has(self));
    const newcomers = await store.remember([...named.values()].map(sane), memberLifeMs);
    if (newcomers.length > 0) await appeared(newcomers);
  };
}

function sane({ id, certificate, status = {} }: AliveMember): NamedMember {
  const room = roomOf(status);
  return { id, ...(certificate !== undefined && certificate.length <= MAX_CERTIFICATE ? { certificate } : {}), ...(room ? { room } : {}) };
}
