import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { ToldRoom } from './member-room.js';

/** A member as the Rendezvous named it, each once. */
export interface NamedMember {
  readonly id: MemberId;
  readonly certificate?: string;
  readonly room?: ToldRoom;
}

/**
 * How long each known member has not been named, in ms. Measured against whoever was named last, ourselves among them: while the Rendezvous itself
 * is away nobody grows silent. A member that was never named is absent.
 */
export type MeasureSilence = () => Promise<ReadonlyMap<MemberId, number>>;

/** The other members as the Rendezvous named them, and whom of them it was last. Times are those of the database. */
export interface MemberStore {
  /** They were named just now. Answers those who had not been named within `lifeMs`. Members stay known after they left; only the last naming counts. */
  remember(named: readonly NamedMember[], lifeMs: number): Promise<MemberId[]>;
  readonly silence: MeasureSilence;
  /** Everybody but one who was named within `lifeMs`, in order of id, with what they told of their room then. */
  aliveBesides(self: MemberId, lifeMs: number): Promise<Pick<NamedMember, 'id' | 'room'>[]>;
  previousPick(): Promise<MemberId | undefined>;
  rememberPick(member: MemberId): Promise<void>;
}

export function createMemberStore(database: Kysely<unknown>): MemberStore {
  return {
    async remember(named, lifeMs) {
      const { rows } = await sql<{ id: string }>`
        with known as (select id from members where last_seen > now() - make_interval(secs => ${lifeMs / 1000})),
        named as (
          insert into members (id, last_seen, certificate, room)
          select id, now(), certificate, room from jsonb_to_recordset(${JSON.stringify(named)}::jsonb) as alive (id text, certificate text, room jsonb)
          on conflict (id) do update set last_seen = excluded.last_seen, certificate = excluded.certificate, room = excluded.room returning id)
        select id from named where id not in (select id from known)`.execute(database);
      return rows.map((row) => row.id);
    },
    async silence() {
      const { rows } = await sql<{ id: string; ms: number }>`
        select id, extract(epoch from max(last_seen) over () - last_seen)::float8 * 1000 as ms from members`.execute(database);
      return new Map(rows.map(({ id, ms }) => [id, ms]));
    },
    async aliveBesides(self, lifeMs) {
      const { rows } = await sql<{ id: string; room: ToldRoom | null }>`select id, room from members
        where id <> ${self} and last_seen > now() - make_interval(secs => ${lifeMs / 1000}) order by id`.execute(database);
      return rows.map(({ id, room }) => ({ id, ...(room ? { room } : {}) }));
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
