import { FogbowError } from '@fogbow/plugin-contracts';
import type { HeardMember, HeardPage, MessageHandler, PageQuery } from '@fogbow/messaging';
import type { MemberId } from '@fogbow/request-model';
import { fitPage } from '../members/fit-page.js';
import type { LivingMember, MemberTable } from '../members/member-table.js';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';

export interface SynchOptions {
  readonly table: MemberTable;
  /** Only these may ask. */
  readonly neighbours: readonly MemberId[];
  readonly pageMax: number;
  readonly timeoutMs: number;
  /** A neighbour that asks is there: told at every question. */
  readonly asked?: (neighbour: MemberId) => void;
  readonly watch: RendezvousWatch;
}

/** One page of whom we know, for a neighbour. */
export function createSynchHandler({ table, neighbours, pageMax, timeoutMs, asked, watch }: SynchOptions): MessageHandler<PageQuery, HeardPage> {
  const item = ({ id, quietForMs, certificate, status }: LivingMember): HeardMember => ({
    id, quietForMs, timeoutMs, ...(certificate ? { certificate } : {}), ...(status ? { status } : {}),
  });
  const answer = async (from: MemberId, query: PageQuery): Promise<HeardPage> => {
    if (!neighbours.includes(from)) throw new FogbowError('forbidden', 'Only configured neighbours may ask for this.');
    asked?.(from);
    const { members, total, index } = fitPage(await table.page(query, pageMax), query);
    watch.sync('answered');
    return { members: members.map(item), total, ...(members.length > 0 ? { index } : {}) };
  };
  return async (from, query) => await answer(from, query).catch((error: unknown) => {
    watch.refusal('sync');
    throw error;
  });
}
