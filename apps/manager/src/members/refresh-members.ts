import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { MembersPage, MessageSender } from '@fogbow/messaging';
import type { MemberStore } from './member-store.js';

export interface RefreshOptions {
  readonly members: Pick<MemberStore, 'remember'>;
  readonly link: MessageSender;
  readonly rendezvous: MemberId;
  readonly timeoutMs: number;
  readonly pageSize: number;
  /** A member not named for so long counts as new when it is named again. */
  readonly memberLifeMs: number;
  /** Told who was not alive before. */
  appeared(members: readonly MemberId[]): Promise<void>;
}

const MOST_PAGES = 1000;

/** Duty (spec §2.4 iamalive, whoisalive): says that we live, and reads every page of who else does. */
export function createRefreshMembers(options: RefreshOptions): (signal: AbortSignal) => Promise<void> {
  const { link, rendezvous, timeoutMs } = options;
  return async (signal) => {
    await link.request(rendezvous, IAMALIVE, {}, { timeoutMs, signal });
    const alive: MemberId[] = [];
    for (let pages = 0, after: MemberId | undefined; pages < MOST_PAGES; pages += 1) {
      const page: MembersPage = await link.request(rendezvous, WHOISALIVE, { max: options.pageSize, ...(after ? { after } : {}) }, { timeoutMs, signal });
      alive.push(...page.members.map((member) => member.id).filter(isMemberId));
      after = page.members.at(-1)?.id;
      // Only an empty page is surely the end: the size of pages is the Rendezvous's own, and originals send no total.
      if (!after) break;
    }
    const appeared = await options.members.remember(alive, options.memberLifeMs);
    if (appeared.length > 0) await options.appeared(appeared);
  };
}
