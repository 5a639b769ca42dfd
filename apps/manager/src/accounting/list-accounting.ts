import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeOf, SizeWish } from './machine-size.js';

/** What one user of one member had of one member. */
export interface AccountingLine {
  readonly user: string;
  readonly requestingMember: MemberId;
  readonly providingMember: MemberId;
  /** During which machines could be used: orders were `fulfilled`. Not rounded. */
  readonly seconds: number;
  readonly vcpuSeconds: number;
}

export type ListAccounting = (only?: { readonly requester: MemberId; readonly provider: MemberId }) => Promise<readonly AccountingLine[]>;

/**
 * Use case: the history of all orders, added up. It counts from `fulfilled` to the next move, and to now while there is none; nothing is kept
 * beside the history, so nothing can be counted twice or be lost by a restart. Sizes are those of our table of flavors.
 */
export function createListAccounting({ database, sizeOf }: { readonly database: Kysely<unknown>; readonly sizeOf: SizeOf }): ListAccounting {
  return async (only) => {
    const { rows } = await sql<SizeWish & { owner: string; requester: string; seconds: string }>`
      with spans as (
        select order_id, provider, to_state, at, lead(at, 1, clock_timestamp()) over (partition by order_id order by id) as until from order_history)
      select a.owner_id as owner, a.requester, s.provider, a.flavor, a.requirements, sum(extract(epoch from s.until - s.at)) as seconds
      from spans s join order_accounts a using (order_id)
      where s.to_state = 'fulfilled' and s.provider is not null and a.kind = 'compute'
        ${only ? sql`and a.requester = ${only.requester} and s.provider = ${only.provider}` : sql``}
      group by 1, 2, 3, 4, 5 order by 1, 2, 3`.execute(database);
    return addUp(rows.map((row) => ({ ...row, seconds: Number(row.seconds) })), sizeOf);
  };
}

function addUp(rows: readonly (SizeWish & { owner: string; requester: string; seconds: number })[], sizeOf: SizeOf): AccountingLine[] {
  const lines = new Map<string, AccountingLine>();
  for (const row of rows) {
    const key = JSON.stringify([row.owner, row.requester, row.provider]);
    const line = lines.get(key) ?? { user: row.owner, requestingMember: row.requester, providingMember: row.provider, seconds: 0, vcpuSeconds: 0 };
    lines.set(key, { ...line, seconds: line.seconds + row.seconds, vcpuSeconds: line.vcpuSeconds + row.seconds * (sizeOf(row)?.vcpu ?? 0) });
  }
  return [...lines.values()];
}
