import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeOf, SizeWish } from './machine-size.js';

/** What is accounted: machines by time, volumes by size and time. */
export type AccountedKind = 'compute' | 'storage';

/** What one user of one member had of one member. */
export interface AccountingLine {
  readonly kind: AccountedKind;
  readonly user: string;
  readonly requestingMember: MemberId;
  readonly providingMember: MemberId;
  /** During which they could be used: orders were `fulfilled`. Not rounded. */
  readonly seconds: number;
  /** 0 for volumes. */
  readonly vcpuSeconds: number;
  /** 0 for machines. */
  readonly gbSeconds: number;
}

export interface AccountingFilter {
  readonly kind?: AccountedKind;
  readonly requester?: MemberId;
  readonly provider?: MemberId;
}

export type ListAccounting = (only?: AccountingFilter) => Promise<readonly AccountingLine[]>;

/**
 * Use case: the history of all orders, added up. It counts from `fulfilled` to the next move, and to now while there is none; nothing is kept
 * beside the history, so nothing can be counted twice or be lost by a restart. Sizes are those of our table of flavors.
 */
export function createListAccounting({ database, sizeOf }: { readonly database: Kysely<unknown>; readonly sizeOf: SizeOf }): ListAccounting {
  return async ({ kind, requester, provider } = {}) => {
    const { rows } = await sql<Row>`
      with spans as (
        select order_id, provider, to_state, at, lead(at, 1, clock_timestamp()) over (partition by order_id order by id) as until from order_history)
      select a.kind, a.owner_id as owner, a.requester, s.provider, a.flavor, a.requirements, coalesce(a.size_gb, 0) as size, sum(extract(epoch from s.until - s.at))::float8 as seconds
      from spans s join order_accounts a using (order_id)
      where s.to_state = 'fulfilled' and s.provider is not null and a.kind in ('compute', 'storage')
        ${kind ? sql`and a.kind = ${kind}` : sql``} ${requester ? sql`and a.requester = ${requester}` : sql``} ${provider ? sql`and s.provider = ${provider}` : sql``}
      group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4`.execute(database);
    return addUp(rows, sizeOf);
  };
}

type Row = SizeWish & { readonly kind: AccountedKind; readonly owner: string; readonly requester: MemberId; readonly size: number; readonly seconds: number };

function addUp(rows: readonly Row[], sizeOf: SizeOf): AccountingLine[] {
  const lines = new Map<string, AccountingLine>();
  for (const row of rows) {
    const { kind, owner: user, requester: requestingMember, provider: providingMember, seconds, size } = row;
    const key = JSON.stringify([kind, user, requestingMember, providingMember]);
    const line = lines.get(key) ?? { kind, user, requestingMember, providingMember, seconds: 0, vcpuSeconds: 0, gbSeconds: 0 };
    const vcpu = kind === 'compute' ? sizeOf(row)?.vcpu ?? 0 : 0;
    lines.set(key, { ...line, seconds: line.seconds + seconds, vcpuSeconds: line.vcpuSeconds + seconds * vcpu, gbSeconds: line.gbSeconds + seconds * size });
  }
  return [...lines.values()];
}
