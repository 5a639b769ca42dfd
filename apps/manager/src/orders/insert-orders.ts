import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { needsOf } from '@fogbow/request-model';
import type { MemberId, OrderSpec, OrderType, ResourceKind, UserRef } from '@fogbow/request-model';

export interface NewOrder {
  readonly id: string;
  readonly batchId: string;
  readonly kind: ResourceKind;
  readonly type: OrderType;
  readonly owner: UserRef;
  readonly requester: MemberId;
  /** 1 for orders of our users; for served orders the attempt that the requester counts. */
  readonly incarnation: number;
  readonly spec: OrderSpec;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** Milliseconds from now before which no worker looks at it. */
  readonly notBeforeMs?: number;
}

/**
 * Inserts orders in state `open` with the first line of their history and what accounting keeps of them, in one statement. An id that is
 * there already is left alone, and so is one whose account, kept after its order is gone, is of somebody else or of another size: what was used
 * would be put down to that. What they need is held until they are stored: whoever wants it gone sees them, or has made it go before.
 */
export async function insertOrders(database: Kysely<unknown>, orders: readonly NewOrder[]): Promise<void> {
  const rows = orders.map((order) => ({
    id: order.id, batch_id: order.batchId, kind: order.kind, type: order.type, owner_id: order.owner.id, owner_name: order.owner.name,
    requester: order.requester, incarnation: order.incarnation, spec: order.spec, needs: needsOf(order.spec),
    valid_from: order.validFrom ?? null, valid_until: order.validUntil ?? null, wait: (order.notBeforeMs ?? 0) / 1000,
  }));
  await sql`
    with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as w(
        id uuid, batch_id uuid, kind text, type text, owner_id text, owner_name text, requester text, incarnation integer,
        spec jsonb, needs uuid[], valid_from timestamptz, valid_until timestamptz, wait float8)
    ), held as (
      select id from orders where id in (select unnest(needs) from wanted) for key share
    ), inserted as (
      insert into orders (id, batch_id, kind, type, state, owner_id, owner_name, requester, incarnation, spec, needs, valid_from, valid_until, next_attempt_at, reason)
      select id, batch_id, kind, type, 'open', owner_id, owner_name, requester, incarnation, spec, needs, valid_from, valid_until,
        now() + make_interval(secs => wait), case when wait > 0 then 'its validity has not begun' else 'waiting to be placed' end from wanted
      where (select count(*) from held) >= 0 and not exists (
        select 1 from order_accounts a where a.order_id = wanted.id and (a.requester, a.owner_id, a.kind, a.flavor, a.requirements, a.size_gb) is distinct from
          (wanted.requester, wanted.owner_id, wanted.kind, wanted.spec ->> 'flavor', wanted.spec ->> 'requirements', (wanted.spec ->> 'sizeGb')::integer))
      on conflict (id) do nothing
      returning id, incarnation, requester, owner_id, owner_name, batch_id, kind, spec
    ), accounted as (
      insert into order_accounts (order_id, requester, owner_id, owner_name, kind, flavor, requirements, size_gb)
      select id, requester, owner_id, owner_name, kind, spec ->> 'flavor', spec ->> 'requirements', (spec ->> 'sizeGb')::integer from inserted
      on conflict (order_id) do nothing
    )
    insert into order_history (order_id, requester, owner_id, batch_id, kind, to_state, event, incarnation)
    select id, requester, owner_id, batch_id, kind, 'open', 'submitted', incarnation from inserted`.execute(database);
}
