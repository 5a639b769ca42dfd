import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { toOrderRecord } from './order-record.js';
import type { OrderRecord, OrderRow, Verdict, Refusal } from './order-record.js';

/**
 * Leases: an order that a worker is placing belongs to it until it moves, is put back, or the worker is dead.
 * A worker is dead when it has not reported for `deadAfterMs`; its own `isAlive` turns false well before. A lease of our own that we
 * do not work on (an answer of the database that was lost, a failed `putBack`) ends at our next claim: we live, so nobody else may end it,
 * and what is to be removed waits for it.
 */
export interface OrderLeases {
  claimOpen(limit: number): Promise<OrderRecord[]>;
  /** The work on claimed orders has ended, well or not. */
  finished(ids: readonly string[]): void;
  /** Puts open orders back with the reason why they wait. */
  putBack(waits: readonly Wait[]): Promise<void>;
  /** Ends our hold on orders that moved under our hands (their owner deleted them). */
  free(ids: readonly string[]): Promise<void>;
  /** Open orders that nobody holds are looked at now. */
  wake(ids: readonly string[]): Promise<void>;
  /** Milliseconds until the next open order is due; undefined when there is none. */
  nextDue(): Promise<number | undefined>;
  /**
   * Open orders that wait are looked at now: these members may have room (again), so their refusals for want of it, for what was in the way,
   * or for want of a way to them, are void. Orders whose machines failed to boot keep their distance.
   */
  wakeWaiting(members: readonly MemberId[]): Promise<void>;
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
  const live = sql`select id from workers where id <> ${workerId} and seen_at > now() - make_interval(secs => ${deadAfterMs / 1000})`;
  const held = new Set<string>();
  const unfreed = new Set<string>();
  const orRemember = async (ids: readonly string[], work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      for (const id of ids) unfreed.add(id);
      throw error;
    }
  };
  const free = async (ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return;
    await orRemember(ids, sql`update orders set lease_owner = null where id = any(${[...ids]}::uuid[]) and lease_owner = ${workerId}`.execute(database));
  };
  const claim = async (limit: number): Promise<OrderRecord[]> => {
    const again = [...unfreed];
    unfreed.clear();
    await free(again);
    const { rows } = await sql<OrderRow>`
      with freed as (update orders set lease_owner = null where state = 'deleted' and lease_owner = ${workerId} and id <> all(${[...held]}::uuid[])), picked as (
        select id from orders
        where state = 'open' and next_attempt_at <= now() and id <> all(${[...held]}::uuid[]) and (lease_owner is null or lease_owner not in (${live}))
        order by next_attempt_at limit ${limit} for update skip locked)
      update orders o set lease_owner = ${workerId}, attempts = attempts + 1
      from picked where o.id = picked.id returning o.*`.execute(database);
    for (const row of rows) held.add(row.id);
    return rows.map(toOrderRecord);
  };
  // In turn: a claim must know what the one before it holds.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async claimOpen(limit) {
      const claimed = last.then(() => claim(limit));
      last = claimed.catch(() => undefined);
      return await claimed;
    },
    finished(ids) {
      for (const id of ids) held.delete(id);
    },
    async putBack(waits) {
      if (waits.length === 0) return;
      await orRemember(waits.map((wait) => wait.id), sql`
        update orders o set lease_owner = null, reason = case when o.state = 'open' then w.reason else o.reason end, explanation = w.explanation, refusals = w.refusals,
          attempts = case when w.untouched then greatest(o.attempts - 1, 0) else o.attempts end,
          next_attempt_at = clock_timestamp() + make_interval(secs => w.in_ms / 1000)
        from jsonb_to_recordset(${JSON.stringify(waits.map(({ inMs, ...wait }) => ({ ...wait, in_ms: inMs })))}::jsonb)
          as w(id uuid, reason text, in_ms float8, explanation jsonb, refusals jsonb, untouched boolean)
        where o.id = w.id and o.lease_owner = ${workerId}`.execute(database));
    },
    free,
    wake: (ids) => wake(database, ids),
    async nextDue() {
      const { rows } = await sql<{ ms: number | null }>`
        select extract(epoch from min(next_attempt_at) - now()) * 1000 as ms from orders where state = 'open' and lease_owner is null`.execute(database);
      return rows[0]?.ms === null || rows[0] === undefined ? undefined : Number(rows[0].ms);
    },
    wakeWaiting: (members) => wakeWaiting(database, members),
  };
}

async function wake(database: Kysely<unknown>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update orders set next_attempt_at = now() where id = any(${[...ids]}::uuid[]) and state = 'open' and lease_owner is null`.execute(database);
}

async function wakeWaiting(database: Kysely<unknown>, members: readonly MemberId[]): Promise<void> {
  await sql`update orders set next_attempt_at = now(), refusals = (
      select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(refusals)
      where not (key = any(${[...members]}) and value ->> 'code' in ('quota-exceeded', 'no-valid-host', 'conflict', 'unavailable', 'timeout') and not value ? 'uncertain'))
    where state = 'open' and lease_owner is null and next_attempt_at > now() and failed_boots = 0
    and (valid_from is null or valid_from <= now())`.execute(database);
}
