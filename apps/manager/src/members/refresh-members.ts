import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { MembersPage, MessageSender } from '@fogbow/messaging';

export interface RefreshOptions {
  readonly database: Kysely<unknown>;
  readonly link: MessageSender;
  readonly rendezvous: MemberId;
  readonly timeoutMs: number;
  readonly pageSize: number;
  /** A member not named for so long counts as new when it is named again. */
  readonly memberLifeMs: number;
  /** Told who was not alive before. */
  appeared(members: readonly MemberId[]): Promise<void>;
}

const MOST_PAGES = 1000;

/** Duty (spec §2.4 iamalive, whoisalive): says that we live, and reads every page of who else does. */
export function createRefreshMembers(options: RefreshOptions): (signal: AbortSignal) => Promise<void> {
  const { link, rendezvous, timeoutMs } = options;
  return async (signal) => {
    await link.request(rendezvous, IAMALIVE, {}, { timeoutMs, signal });
    const alive: MemberId[] = [];
    for (let pages = 0, after: MemberId | undefined; pages < MOST_PAGES; pages += 1) {
      const page: MembersPage = await link.request(rendezvous, WHOISALIVE, { max: options.pageSize, ...(after ? { after } : {}) }, { timeoutMs, signal });
      alive.push(...page.members.map((member) => member.id).filter(isMemberId));
      after = page.members.at(-1)?.id;
      // Only an empty page is surely the end: the size of pages is the Rendezvous's own, and originals send no total.
      if (!after) break;
    }
    const appeared = await remember(options.database, alive, options.memberLifeMs);
    if (appeared.length > 0) await options.appeared(appeared);
  };
}

/** Members stay known after they left; only the time at which they were last named counts. Answers those who were not alive before. */
async function remember(database: Kysely<unknown>, alive: readonly MemberId[], memberLifeMs: number): Promise<MemberId[]> {
  const { rows } = await sql<{ id: string }>`
    with known as (select id from members where last_seen > now() - make_interval(secs => ${memberLifeMs / 1000})),
    named as (
      insert into members (id, last_seen) select distinct unnest(${[...alive]}::text[]), now()
      on conflict (id) do update set last_seen = excluded.last_seen returning id)
    select id from named where id not in (select id from known)`.execute(database);
  return rows.map((row) => row.id);
}
