import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { thumbprint } from '../trust/signing-key.js';

export interface MemberView {
  readonly id: MemberId;
  readonly self: boolean;
  readonly alive: boolean;
  readonly lastSeen?: Date;
  /** Thumbprint (RFC 7638) of the key that it is believed by. */
  readonly key?: string;
  /** Of a key that it publishes and that is not believed. */
  readonly refusedKey?: string;
}

export type ListMembers = () => Promise<readonly MemberView[]>;

/** Use case: everybody the Rendezvous has named, ourselves first; `alive` while named within `memberLifeMs`. */
export function createListMembers({ database, self, memberLifeMs }: { readonly database: Kysely<unknown>; readonly self: MemberId; readonly memberLifeMs: number }): ListMembers {
  return async () => {
    const { rows } = await sql<Row>`
      select id, last_seen, last_seen > now() - make_interval(secs => ${memberLifeMs / 1000}) as alive, public_key as key, refused from members left join member_keys on member = id
      where id <> ${self} order by id`.execute(database);
    return [{ id: self, self: true, alive: true }, ...rows.map(toView)];
  };
}

interface Row { readonly id: string; readonly last_seen: Date; readonly alive: boolean; readonly key: string | null; readonly refused: string | null }

const toView = ({ id, last_seen: lastSeen, alive, key, refused }: Row): MemberView =>
  ({ id, self: false, alive, lastSeen, ...(key ? { key: thumbprint({ x: key }) } : {}), ...(refused ? { refusedKey: thumbprint({ x: refused }) } : {}) });
