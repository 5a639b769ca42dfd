import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeWish } from './machine-size.js';

/** What is accounted: machines by time, volumes by size and time. */
export type AccountedKind = 'compute' | 'storage';

/** How long orders of one user, one size and one provider were `fulfilled`. A measured power is of one machine alone, so those are added up by the database. */
export interface Use extends SizeWish {
  readonly kind: AccountedKind;
  readonly owner: string;
  readonly requester: MemberId;
  /** Of a volume; 0 for machines. */
  readonly sizeGb: number;
  /** Not rounded. */
  readonly seconds: number;
  /** Those of them during which the machine was not measured: they count by its size. */
  readonly unmeasuredSeconds: number;
  /** Power × seconds of the others. */
  readonly measuredPowerSeconds: number;
}

export interface UseFilter {
  readonly kind?: AccountedKind;
  readonly requester?: MemberId;
  readonly provider?: MemberId;
  /** Only what this member and others did for each other. */
  readonly abroadFor?: MemberId;
}

/**
 * The history of all orders for machines and volumes, added up. It counts from `fulfilled` to the next move, and to now while there is none; nothing is kept
 * beside the history, so nothing can be counted twice or be lost by a restart.
 */
export async function readUse(database: Kysely<unknown>, { kind, requester, provider, abroadFor }: UseFilter = {}): Promise<Use[]> {
  const { rows } = await sql<Use>`
    select a.kind, a.owner_id as owner, a.requester, h.provider, a.flavor, a.requirements, coalesce(a.size_gb, 0) as "sizeGb",
      sum(lived.seconds) as seconds, coalesce(sum(lived.seconds) filter (where h.power is null), 0) as "unmeasuredSeconds", coalesce(sum(h.power * lived.seconds), 0) as "measuredPowerSeconds"
    from order_history h join order_accounts a using (order_id)
    left join lateral (select n.at from order_history n where n.order_id = h.order_id and n.id > h.id order by n.id limit 1) next on true
    cross join lateral (select extract(epoch from coalesce(next.at, clock_timestamp()) - h.at)::float8 as seconds) lived
    where h.to_state = 'fulfilled' and h.provider is not null and a.kind in ('compute', 'storage')
      ${kind ? sql`and a.kind = ${kind}` : sql``} ${requester ? sql`and a.requester = ${requester}` : sql``} ${provider ? sql`and h.provider = ${provider}` : sql``}
      ${abroadFor ? sql`and a.requester <> h.provider and ${abroadFor} in (a.requester, h.provider)` : sql``}
    group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4`.execute(database);
  return rows;
}
