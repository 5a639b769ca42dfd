import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId, OrderOrigin, ResourceKind } from '@fogbow/request-model';

/** Something that may exist at a member for one incarnation of an order and must go. */
export interface Release {
  readonly orderId: string;
  readonly kind: ResourceKind;
  readonly incarnation: number;
  readonly member: MemberId;
  readonly attempts: number;
  /** Of several clouds of ours the one that has the order's instance, '' the first; absent where the order has none of this incarnation. */
  readonly cloud?: string;
  /** The request that brought the order; absent once the order is gone. */
  readonly origin?: OrderOrigin;
}

export interface ReleaseStore {
  add(releases: readonly Omit<Release, 'attempts' | 'cloud' | 'origin'>[]): Promise<void>;
  /** Takes due releases and puts their next try off, doubling up to a minute. Orders being placed right now wait. */
  claimDue(limit: number, deadAfterMs: number): Promise<Release[]>;
  /** Confirmed gone: drops the release. The order may be purged now. */
  done(release: Release): Promise<void>;
  /** Not yet; `inMs` from now again. */
  retry(release: Release, inMs: number, why: string): Promise<void>;
}

export function createReleaseStore(database: Kysely<unknown>): ReleaseStore {
  return {
    async add(releases) {
      if (releases.length === 0) return;
      const rows = releases.map(({ orderId, kind, incarnation, member }) => ({ order_id: orderId, kind, incarnation, member }));
      await sql`insert into releases (order_id, kind, incarnation, member)
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(order_id uuid, kind text, incarnation integer, member text)
        on conflict (order_id, incarnation, member) do update set next_attempt_at = now()`.execute(database);
    },
    claimDue: (limit, deadAfterMs) => claimDue(database, limit, deadAfterMs),
    async done({ orderId, incarnation, member }) {
      await sql`delete from releases where order_id = ${orderId} and incarnation = ${incarnation} and member = ${member}`.execute(database);
    },
    async retry({ orderId, incarnation, member }, inMs, why) {
      await sql`update releases set next_attempt_at = now() + make_interval(secs => ${inMs / 1000}), last_error = ${why}
        where order_id = ${orderId} and incarnation = ${incarnation} and member = ${member}`.execute(database);
    },
  };
}

async function claimDue(database: Kysely<unknown>, limit: number, deadAfterMs: number): Promise<Release[]> {
  const { rows } = await sql<{ order_id: string; kind: ResourceKind; incarnation: number; member: string; attempts: number; cloud: string | null; origin: OrderOrigin | null }>`
    with picked as (
      select r.* from releases r
      where r.next_attempt_at <= now() and not exists (
        select 1 from orders o join workers w on w.id = o.lease_owner
        where o.id = r.order_id and w.seen_at > now() - make_interval(secs => ${deadAfterMs / 1000}))
      order by r.next_attempt_at limit ${limit} for update of r skip locked)
    update releases r set attempts = r.attempts + 1, next_attempt_at = now() + make_interval(secs => least(60, power(2, least(r.attempts, 6))))
    from picked p where r.order_id = p.order_id and r.incarnation = p.incarnation and r.member = p.member
    returning r.order_id, r.kind, r.incarnation, r.member, r.attempts,
      (select coalesce(o.instance ->> 'cloud', '') from orders o where o.id = r.order_id and o.incarnation = r.incarnation and o.provider = r.member and o.instance is not null) as cloud,
      (select o.spec -> 'origin' from orders o where o.id = r.order_id) as origin`.execute(database);
  return rows.map((row) => ({ orderId: row.order_id, kind: row.kind, incarnation: row.incarnation, member: row.member, attempts: row.attempts, ...(row.cloud === null ? {} : { cloud: row.cloud }), ...(row.origin === null ? {} : { origin: row.origin }) }));
}

/** Spec §2.1: a deleted order stays listed until its instance is gone, then its row is purged; its history stays. Without an id: all of them. */
export async function purgeDeleted(database: Kysely<unknown>, orderId?: string): Promise<void> {
  await sql`
    with gone as (
      delete from orders o where o.state = 'deleted' ${orderId === undefined ? sql`` : sql`and o.id = ${orderId}`}
        and not exists (select 1 from releases r where r.order_id = o.id)
      returning o.id, o.requester, o.owner_id, o.batch_id, o.kind, o.incarnation, o.provider)
    insert into order_history (order_id, requester, owner_id, batch_id, kind, from_state, to_state, event, incarnation, provider)
    select id, requester, owner_id, batch_id, kind, 'deleted', 'purged', 'purged', incarnation, provider from gone`.execute(database);
}
