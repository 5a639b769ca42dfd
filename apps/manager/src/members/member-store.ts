import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';

/** The other members as the Rendezvous named them, and whom of them it was last. Times are those of the database. */
export interface MemberStore {
  /** They were named just now. Answers those who had not been named within `lifeMs`. Members stay known after they left. */
  remember(named: readonly MemberId[], lifeMs: number): Promise<MemberId[]>;
  /** Everybody but one who was named within `lifeMs`, in order of id. */
  aliveBesides(self: MemberId, lifeMs: number): Promise<MemberId[]>;
  previousPick(): Promise<MemberId | undefined>;
  rememberPick(member: MemberId): Promise<void>;
}

export function createMemberStore(database: Kysely<unknown>): MemberStore {
  return {
    async remember(named, lifeMs) {
      const { rows } = await sql<{ id: string }>`
        with known as (select id from members where last_seen > now() - make_interval(secs => ${lifeMs / 1000})),
        named as (
          insert into members (id, last_seen) select distinct unnest(${[...named]}::text[]), now()
          on conflict (id) do update set last_seen = excluded.last_seen returning id)
        select id from named where id not in (select id from known)`.execute(database);
      return rows.map((row) => row.id);
    },
    async aliveBesides(self, lifeMs) {
      const { rows } = await sql<{ id: string }>`select id from members
        where id <> ${self} and last_seen > now() - make_interval(secs => ${lifeMs / 1000}) order by id`.execute(database);
      return rows.map((row) => row.id);
    },
    async previousPick() {
      const { rows } = await sql<{ value: string }>`select value from memory where key = 'previous-pick'`.execute(database);
      return rows[0]?.value;
    },
    async rememberPick(member) {
      await sql`insert into memory (key, value) values ('previous-pick', ${JSON.stringify(member)}::jsonb)
        on conflict (key) do update set value = excluded.value`.execute(database);
    },
  };
}
