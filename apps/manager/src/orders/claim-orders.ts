import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { toOrderRecord } from './order-record.js';
import type { OrderRecord, OrderRow, Verdict, Refusal } from './order-record.js';

/**
 * Leases: an order that a worker is placing belongs to it until it moves, is put back, or the worker is dead.
 * A worker is dead when it has not reported for `deadAfterMs`; its own `isAlive` turns false well before.
 */
export interface OrderLeases {
  claimOpen(limit: number): Promise<OrderRecord[]>;
  /** Puts open orders back with the reason why they wait. */
  putBack(waits: readonly Wait[]): Promise<void>;
  /** Ends our hold on orders that moved under our hands (their owner deleted them). */
  free(ids: readonly string[]): Promise<void>;
  /** Milliseconds until the next open order is due; undefined when there is none. */
  nextDue(): Promise<number | undefined>;
  /** Open orders that wait are looked at now: this member may have room again, so its refusals for want of room are void. */
  wakeWaiting(self: MemberId): Promise<void>;
}

export interface Wait {
  readonly id: string;
  readonly reason: string;
  readonly inMs: number;
  readonly explanation: readonly Verdict[];
  readonly refusals: Readonly<Record<string, Refusal>>;
  /** Nothing was asked of any cloud in this try, so nothing can have been left behind. */
  readonly untouched: boolean;
}

export function createOrderLeases(database: Kysely<unknown>, workerId: string, deadAfterMs: number): OrderLeases {
  const live = sql`select id from workers where seen_at > now() - make_interval(secs => ${deadAfterMs / 1000})`;
  return {
    async claimOpen(limit) {
      const { rows } = await sql<OrderRow>`
        with picked as (
          select id from orders
          where state = 'open' and next_attempt_at <= now() and (lease_owner is null or lease_owner not in (${live}))
          order by next_attempt_at limit ${limit} for update skip locked)
        update orders o set lease_owner = ${workerId}, attempts = attempts + 1
        from picked where o.id = picked.id returning o.*`.execute(database);
      return rows.map(toOrderRecord);
    },
    async putBack(waits) {
      if (waits.length === 0) return;
      await sql`
        update orders o set lease_owner = null, reason = w.reason, explanation = w.explanation, refusals = w.refusals,
          attempts = case when w.untouched then greatest(o.attempts - 1, 0) else o.attempts end,
          next_attempt_at = clock_timestamp() + make_interval(secs => w.in_ms / 1000)
        from jsonb_to_recordset(${JSON.stringify(waits.map(({ inMs, ...wait }) => ({ ...wait, in_ms: inMs })))}::jsonb)
          as w(id uuid, reason text, in_ms float8, explanation jsonb, refusals jsonb, untouched boolean)
        where o.id = w.id and o.lease_owner = ${workerId}`.execute(database);
    },
    async free(ids) {
      await sql`update orders set lease_owner = null where id = any(${[...ids]}::uuid[]) and lease_owner = ${workerId}`.execute(database);
    },
    async nextDue() {
      const { rows } = await sql<{ ms: number | null }>`
        select extract(epoch from min(next_attempt_at) - now()) * 1000 as ms from orders where state = 'open' and lease_owner is null`.execute(database);
      return rows[0]?.ms === null || rows[0] === undefined ? undefined : Number(rows[0].ms);
    },
    async wakeWaiting(self) {
      await sql`update orders set next_attempt_at = now(),
          refusals = case when refusals -> ${self} ->> 'code' in ('quota-exceeded', 'no-valid-host') then refusals - ${self} else refusals end
        where state = 'open' and lease_owner is null and next_attempt_at > now()
        and (valid_from is null or valid_from <= now())`.execute(database);
    },
  };
}
