import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';

/**
 * How long each known member has not been named, in ms. Measured against whoever was named last, ourselves among them: while the Rendezvous itself
 * is away nobody grows silent. A member that was never named is absent.
 */
export type MeasureSilence = () => Promise<ReadonlyMap<MemberId, number>>;

export function createMeasureSilence({ database }: { readonly database: Kysely<unknown> }): MeasureSilence {
  return async () => {
    const { rows } = await sql<{ id: string; ms: number }>`
      select id, extract(epoch from max(last_seen) over () - last_seen)::float8 * 1000 as ms from members`.execute(database);
    return new Map(rows.map(({ id, ms }) => [id, ms]));
  };
}
