import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { NoticeFilter, OwnedNotice } from './order-notice.js';

/** Positions from (exclusive) and to (inclusive). */
export interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

interface NoticeRow {
  id: number; owner_id: string; order_id: string; batch_id: string | null; kind: string | null; from_state: string | null; to_state: string;
  event: string; reason: string | null; at: Date; provider: string | null; incarnation: number;
}

/** Reads notices of one member's own users in the order of their positions; without a filter those of all users. */
export async function readNotices(database: Kysely<unknown>, requester: MemberId, { after, upTo, limit }: Stretch, filter?: NoticeFilter): Promise<OwnedNotice[]> {
  const { rows } = await sql<NoticeRow>`
    select id, owner_id, order_id, batch_id, kind, from_state, to_state, event, reason, at, provider, incarnation from order_history
    where requester = ${requester} and id > ${after} and id <= ${upTo}
      ${filter ? sql`and owner_id = ${filter.ownerId}` : sql`and owner_id is not null`}
      ${filter?.orderId ? sql`and order_id = ${filter.orderId}::uuid` : sql``}
      ${filter?.batchId ? sql`and batch_id = ${filter.batchId}::uuid` : sql``}
    order by id limit ${limit}`.execute(database);
  return rows.map(toOwnedNotice);
}

function toOwnedNotice(row: NoticeRow): OwnedNotice {
  return {
    ownerId: row.owner_id,
    notice: {
      position: row.id, orderId: row.order_id, batchId: row.batch_id, kind: row.kind, from: row.from_state, to: row.to_state, event: row.event,
      reason: row.reason, at: row.at.toISOString(), provider: row.provider, incarnation: row.incarnation,
    },
  };
}
