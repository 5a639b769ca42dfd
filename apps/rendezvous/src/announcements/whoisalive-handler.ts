import { completeStatus } from '@fogbow/messaging';
import type { AliveMember, MembersPage, MembersQuery, MessageHandler } from '@fogbow/messaging';
import type { Clock } from '@fogbow/service-runtime';
import { fitPage } from '../members/fit-page.js';
import type { LivingMember, MemberTable } from '../members/member-table.js';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';

export interface WhoisaliveOptions {
  readonly table: MemberTable;
  readonly clock: Pick<Clock, 'now'>;
  readonly pageMax: number;
  /** Whether every item holds the whole status that Managers until 2015-12 expect; else what its member told. */
  readonly oldStatus: boolean;
  readonly watch: RendezvousWatch;
}

/** One page of the members that are alive at this moment. */
export function createWhoisaliveHandler({ table, clock, pageMax, oldStatus, watch }: WhoisaliveOptions): MessageHandler<MembersQuery, MembersPage> {
  const item = ({ id, certificate, status, quietForMs }: LivingMember): AliveMember => ({
    id, ...(certificate ? { certificate } : {}),
    ...(oldStatus ? { status: completeStatus(status), updated: new Date(clock.now().getTime() - quietForMs).toISOString() } : status ? { status } : {}),
  });
  return async (_from, query) => {
    const page = await table.page(query, pageMax).catch((error: unknown) => {
      watch.refusal('question');
      throw error;
    });
    const { members, total, index } = fitPage(page, query);
    return { members: members.map(item), total, ...(members.length > 0 ? { index } : {}) };
  };
}
