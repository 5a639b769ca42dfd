import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { createLeases } from './claim-orders.js';
import type { LeaseTable, OrderLeases, Wait } from './claim-orders.js';
import { toOrderRecord } from './order-record.js';
import type { OrderRow } from './order-record.js';

/** Leases of one worker process, in the database. */
export const createOrderLeases = (database: Kysely<unknown>, workerId: string, deadAfterMs: number): OrderLeases => createLeases(createLeaseTable(database, workerId, deadAfterMs));

function createLeaseTable(database: Kysely<unknown>, workerId: string, deadAfterMs: number): LeaseTable {
  const live = sql`select id from workers where id <> ${workerId} and seen_at > now() - make_interval(secs => ${deadAfterMs / 1000})`;
  return {
    async claim(limit, except) {
      const { rows } = await sql<OrderRow>`
        with freed as (
          update orders set lease_owner = null where state = 'deleted' and lease_owner = ${workerId} and id <> all(${[...except]}::uuid[])),
        picked as (
          select id from orders
          where state = 'open' and next_attempt_at <= now() and id <> all(${[...except]}::uuid[]) and (lease_owner is null or lease_owner not in (${live}))
          order by next_attempt_at limit ${limit} for update skip locked)
        update orders o set lease_owner = ${workerId}, attempts = attempts + 1
        from picked where o.id = picked.id returning o.*`.execute(database);
      return rows.map(toOrderRecord);
    },
    async free(ids) {
      await sql`update orders set lease_owner = null where id = any(${[...ids]}::uuid[]) and lease_owner = ${workerId}`.execute(database);
    },
    putBack: (waits) => putBack(database, workerId, waits),
    async wake(ids) {
      await sql`update orders set next_attempt_at = now() where id = any(${[...ids]}::uuid[]) and state = 'open' and lease_owner is null`.execute(database);
    },
    async nextDue() {
      const { rows } = await sql<{ ms: number | null }>`
        select extract(epoch from min(next_attempt_at) - now()) * 1000 as ms from orders where state = 'open' and lease_owner is null`.execute(database);
      return rows[0]?.ms === null || rows[0] === undefined ? undefined : Number(rows[0].ms);
    },
    wakeWaiting: (members) => wakeWaiting(database, members),
  };
}

async function putBack(database: Kysely<unknown>, workerId: string, waits: readonly Wait[]): Promise<void> {
  await sql`
    update orders o set lease_owner = null, reason = case when o.state = 'open' then w.reason else o.reason end, explanation = w.explanation, refusals = w.refusals,
      failure = coalesce(w.failure, o.failure), attempts = case when w.untouched then greatest(o.attempts - 1, 0) else o.attempts end,
      next_attempt_at = clock_timestamp() + make_interval(secs => w.in_ms / 1000)
    from jsonb_to_recordset(${JSON.stringify(waits.map(({ inMs, ...wait }) => ({ ...wait, in_ms: inMs })))}::jsonb)
      as w(id uuid, reason text, failure text, in_ms float8, explanation jsonb, refusals jsonb, untouched boolean)
    where o.id = w.id and o.lease_owner = ${workerId}`.execute(database);
}

async function wakeWaiting(database: Kysely<unknown>, members: readonly MemberId[]): Promise<void> {
  await sql`update orders set next_attempt_at = now(), refusals = (
      select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(refusals)
      where not (key = any(${[...members]}) and value ->> 'code' in ('quota-exceeded', 'no-valid-host', 'conflict', 'unavailable', 'timeout') and not value ? 'uncertain'))
    where state = 'open' and lease_owner is null and next_attempt_at > now() and failed_boots = 0
    and (valid_from is null or valid_from <= now())`.execute(database);
}
