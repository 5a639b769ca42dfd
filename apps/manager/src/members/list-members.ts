import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';

export interface MemberView {
  readonly id: MemberId;
  readonly self: boolean;
  readonly alive: boolean;
  readonly lastSeen?: Date;
}

export type ListMembers = () => Promise<readonly MemberView[]>;

/** Use case: everybody the Rendezvous has named, ourselves first; `alive` while named within `memberLifeMs`. */
export function createListMembers({ database, self, memberLifeMs }: { readonly database: Kysely<unknown>; readonly self: MemberId; readonly memberLifeMs: number }): ListMembers {
  return async () => {
    const { rows } = await sql<{ id: string; last_seen: Date; alive: boolean }>`
      select id, last_seen, last_seen > now() - make_interval(secs => ${memberLifeMs / 1000}) as alive from members where id <> ${self} order by id`.execute(database);
    return [{ id: self, self: true, alive: true }, ...rows.map((row) => ({ id: row.id, self: false, alive: row.alive, lastSeen: row.last_seen }))];
  };
}
