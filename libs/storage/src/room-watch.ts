import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isDiskFull } from './is-database-away.js';

/** Whether the disk of the database has room, as far as statements have shown it. */
export interface RoomWatch {
  /** A statement failed. */
  readonly failed: (error: unknown) => void;
  /** Asks whether there is room again, when there was none: rejects as long as there is not. Else it asks nothing. */
  check(database: Kysely<unknown>): Promise<void>;
}

/** A full disk lets questions through, and changes that find room in the files that are there: only what needs a new page shows it. */
export function createRoomWatch(): RoomWatch {
  let isFull = false;
  return {
    failed(error) { if (isDiskFull(error)) isFull = true; },
    async check(database) {
      if (!isFull) return;
      await database.transaction().execute(async (transaction) => {
        await sql`create temporary table fogbow_room on commit drop as select repeat('room', 500) as t from generate_series(1, 100)`.execute(transaction);
      }).catch((error: unknown) => {
        throw isDiskFull(error) ? new Error('the database has no room on its disk', { cause: error }) : error;
      });
      isFull = false;
    },
  };
}
