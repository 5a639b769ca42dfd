import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isPast } from '../power/measurement-store.js';

/** Milliseconds after which a kind of record is dropped. */
export interface KeepFor {
  /** History of orders that are gone; that of a living order stays whole. */
  readonly historyMs: number;
  /** Memory of removed orders of other members: a request for one that comes later still is served anew. */
  readonly removalsMs: number;
  /** Members that the Rendezvous has not named since, unless orders or removals are between them and us. */
  readonly membersMs: number;
}

export interface PruneOptions {
  readonly database: Kysely<unknown>;
  readonly keepFor: KeepFor;
}

/** Rows of one statement: locks stay short, and a backlog is worked off batch by batch. */
const BATCH = 5000;
const WORKERS_MS = 86_400_000;
const KEYS_MS = 86_400_000;

/** Duty "prune history": drops what nobody can need any more. Answers the number of rows dropped. */
export function createPruneHistory({ database, keepFor }: PruneOptions): (signal: AbortSignal) => Promise<number> {
  const before = (ageMs: number) => sql`now() - make_interval(secs => ${ageMs / 1000})`;
  const batches = [
    sql`delete from order_history where id in (
      select h.id from order_history h where h.at < ${before(keepFor.historyMs)}
        and not exists (select 1 from orders o where o.id = h.order_id) limit ${BATCH})`,
    sql`delete from order_accounts where order_id in (
      select a.order_id from order_accounts a where not exists (select 1 from order_history h where h.order_id = a.order_id)
        and not exists (select 1 from orders o where o.id = a.order_id) limit ${BATCH})`,
    sql`delete from idempotency_keys where ctid in (select ctid from idempotency_keys where created_at < ${before(KEYS_MS)} limit ${BATCH})`,
    sql`delete from removed_orders where ctid in (select ctid from removed_orders where at < ${before(keepFor.removalsMs)} limit ${BATCH})`,
    // Of a benchmark that measured, and does no more.
    sql`delete from measurements where ctid in (select m.ctid from measurements m where ${isPast} limit ${BATCH})`,
    // Who is forgotten could never be given up, and what is to be removed there would be asked for for ever.
    sql`delete from members m where last_seen < ${before(keepFor.membersMs)} and not exists (select 1 from releases r where r.member = m.id)
      and not exists (select 1 from orders o where m.id in (o.provider, o.requester))`,
    sql`delete from workers where seen_at < ${before(WORKERS_MS)}`,
  ];
  return async (signal) => {
    let dropped = 0;
    for (const batch of batches) {
      for (let rows = BATCH; rows >= BATCH && !signal.aborted; dropped += rows) {
        rows = Number((await batch.execute(database)).numAffectedRows ?? 0);
      }
    }
    return dropped;
  };
}
