import { readPages, SYNCH_WHOISALIVE } from '@fogbow/messaging';
import type { HeardMember, MessageSender } from '@fogbow/messaging';
import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { MAX_CERTIFICATE } from '../members/certificate.js';
import type { MemberTable } from '../members/member-table.js';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';

export interface AskNeighbourOptions {
  readonly table: MemberTable;
  readonly link: MessageSender;
  /** Members asked for in one page. */
  readonly pageSize: number;
  /** Milliseconds until a page is given up. */
  readonly timeoutMs: number;
  /** Whom of the neighbour's members we want; absent: all. */
  readonly wants?: (id: MemberId) => boolean;
  readonly certificateChanged?: (id: MemberId, certificate: string | undefined) => void;
  readonly watch: RendezvousWatch;
}

export interface NeighbourNews {
  readonly pages: number;
  readonly members: number;
  readonly entered: number;
  readonly refreshed: number;
}

/** One round of gossip with one neighbour: all its pages, each taken over as it comes. Rejects when the neighbour does not answer; what came until then stays. */
export type AskNeighbour = (neighbour: MemberId, signal: AbortSignal) => Promise<NeighbourNews>;

export function createAskNeighbour({ table, link, pageSize, timeoutMs, wants = () => true, certificateChanged, watch }: AskNeighbourOptions): AskNeighbour {
  return async (neighbour, signal) => {
    const read = async (query: { max: number; after?: MemberId }) => {
      const askedAt = await table.now();
      return { ...await link.request(neighbour, SYNCH_WHOISALIVE, query, { timeoutMs, signal }), askedAt };
    };
    const news = { pages: 0, members: 0, entered: 0, refreshed: 0 };
    for await (const { members, askedAt } of readPages({ pageSize, read })) {
      const usable = members.filter((member) => isUsable(member) && wants(member.id));
      const { entered, refreshed, refused, certificatesChanged } = await table.merge(usable, askedAt);
      if (refused > 0) watch.refusal('heard', refused);
      for (const id of certificatesChanged) certificateChanged?.(id, usable.find((member) => member.id === id)?.certificate);
      news.pages += 1;
      news.members += members.length;
      news.entered += entered;
      news.refreshed += refreshed;
    }
    return news;
  };
}

/** What no announcement could have brought in does not come in this way either. */
const isUsable = ({ id, certificate = '' }: HeardMember): boolean => isMemberId(id) && certificate.length <= MAX_CERTIFICATE;
