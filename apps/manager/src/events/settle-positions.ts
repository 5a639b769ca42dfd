import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Clock } from '@fogbow/service-runtime';

/**
 * Answers the largest position that is settled: every line of history at or below it that will ever be there can be read by the next
 * statement. Never answers less than `known`, which was settled before.
 *
 * Why it is needed: a line takes its number when it is written and appears when its transaction commits, so 7 may appear before 6, and a
 * reader that goes on from 7 never sees 6.
 *
 * Why it is right: who writes a line holds ROW EXCLUSIVE on the table from before it takes a number until after its lines are visible. So
 * of all who took a number up to the one that the sequence shows now, those that have not ended are among the holders seen afterwards;
 * when these are gone, nothing at or below that number is to come. Unlike a comparison of transaction ids this waits for writers of the
 * history only, not for whatever runs long in other tables or databases, and it holds in a database that was restored from a dump.
 * Within an order numbers follow the moves: the next move must lock the order first, which the one before holds until its end.
 */
export type SettlePositions = (known: number, signal: AbortSignal) => Promise<number>;

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

export function createSettlePositions(database: Kysely<unknown>, clock: Pick<Clock, 'sleep'>): SettlePositions {
  return async (known, signal) => {
    const taken = await lastPosition(database);
    if (taken <= known) return known;
    let open = await writers(database);
    for (let pauseMs = FIRST_PAUSE_MS; open.size > 0 && !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      await clock.sleep(pauseMs, signal);
      const still = await writers(database);
      open = new Set([...open].filter((one) => still.has(one)));
    }
    return signal.aborted ? known : taken;
  };
}

/** The largest number that was taken by anybody, settled or not; 0 in the beginning. */
export async function lastPosition(database: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ taken: number }>`select case when is_called then last_value else last_value - 1 end as taken from order_history_id_seq`.execute(database);
  return rows[0]?.taken ?? 0;
}

/** Transactions that may write history at this moment. */
async function writers(database: Kysely<unknown>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct virtualtransaction as id from pg_locks
    where locktype = 'relation' and granted and mode = 'RowExclusiveLock' and relation = 'order_history'::regclass
      and database = (select oid from pg_database where datname = current_database())`.execute(database);
  return new Set(rows.map(({ id }) => id));
}
