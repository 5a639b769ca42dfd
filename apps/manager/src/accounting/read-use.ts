import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeWish } from './machine-size.js';

/** How long orders of one user, one size and one provider were `fulfilled`. */
export interface Use extends SizeWish {
  readonly owner: string;
  readonly requester: MemberId;
  /** Not rounded. */
  readonly seconds: number;
}

/** All, what the users of one member had of another, or what we and others did for each other. */
export type UseFilter = { readonly requester: MemberId; readonly provider: MemberId } | { readonly betweenOthersAnd: MemberId };

/**
 * The history of all orders for machines, added up. It counts from `fulfilled` to the next move, and to now while there is none; nothing is kept
 * beside the history, so nothing can be counted twice or be lost by a restart.
 */
export async function readUse(database: Kysely<unknown>, filter?: UseFilter): Promise<Use[]> {
  const { rows } = await sql<SizeWish & { owner: string; requester: string; seconds: string }>`
    select a.owner_id as owner, a.requester, h.provider, a.flavor, a.requirements, sum(extract(epoch from coalesce(next.at, clock_timestamp()) - h.at)) as seconds
    from order_history h join order_accounts a using (order_id)
    left join lateral (select n.at from order_history n where n.order_id = h.order_id and n.id > h.id order by n.id limit 1) next on true
    where h.to_state = 'fulfilled' and h.provider is not null and a.kind = 'compute' ${where(filter)}
    group by 1, 2, 3, 4, 5 order by 1, 2, 3`.execute(database);
  return rows.map((row) => ({ ...row, seconds: Number(row.seconds) }));
}

function where(filter: UseFilter | undefined) {
  if (!filter) return sql``;
  if ('requester' in filter) return sql`and a.requester = ${filter.requester} and h.provider = ${filter.provider}`;
  return sql`and a.requester <> h.provider and ${filter.betweenOthersAnd} in (a.requester, h.provider)`;
}
