import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { readPages, WHOISALIVE } from '@fogbow/messaging';
import type { AliveMember, MessageSender } from '@fogbow/messaging';
import type { SelfAnnouncer } from './announce-self.js';

export interface RefreshOptions {
  readonly database: Kysely<unknown>;
  readonly link: MessageSender;
  readonly self: MemberId;
  readonly announcer: SelfAnnouncer;
  readonly list: { readonly rendezvous: MemberId; readonly timeoutMs: number; readonly pageSize: number };
  /** A member not named for so long counts as new when it is named again. */
  readonly memberLifeMs: number;
  /** Told who was not alive before. */
  appeared(members: readonly MemberId[]): Promise<void>;
}

/** Characters; what is longer is no certificate that anybody would send. */
const MAX_CERTIFICATE = 16_384;

/** Duty (spec §2.4 iamalive, whoisalive): says that we live, and reads every page of who else does. */
export function createRefreshMembers({ database, link, self, announcer, list, memberLifeMs, appeared }: RefreshOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await announcer.announce(signal);
    const named = new Map<MemberId, AliveMember>();
    const read = (query: { max: number; after?: MemberId }) => link.request(list.rendezvous, WHOISALIVE, query, { timeoutMs: list.timeoutMs, signal });
    for await (const { members } of readPages({ pageSize: list.pageSize, read })) {
      for (const member of members) if (isMemberId(member.id)) named.set(member.id, member);
    }
    announcer.wasListed(named.has(self));
    const newcomers = await remember(database, [...named.values()], memberLifeMs);
    if (newcomers.length > 0) await appeared(newcomers);
  };
}

/** Members stay known after they left; only the time at which they were last named counts. Answers those who were not alive before. */
async function remember(database: Kysely<unknown>, alive: readonly AliveMember[], memberLifeMs: number): Promise<MemberId[]> {
  const ids = alive.map(({ id }) => id);
  const certificates = alive.map(({ certificate }) => (certificate !== undefined && certificate.length <= MAX_CERTIFICATE ? certificate : null));
  const { rows } = await sql<{ id: string }>`
    with known as (select id from members where last_seen > now() - make_interval(secs => ${memberLifeMs / 1000})),
    named as (
      insert into members (id, last_seen, certificate) select id, now(), certificate from unnest(${ids}::text[], ${certificates}::text[]) as alive (id, certificate)
      on conflict (id) do update set last_seen = excluded.last_seen, certificate = excluded.certificate returning id)
    select id from named where id not in (select id from known)`.execute(database);
  return rows.map((row) => row.id);
}
