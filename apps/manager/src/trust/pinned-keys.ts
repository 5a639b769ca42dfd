import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { Logger } from '@fogbow/service-runtime';
import { decidePin } from './decide-pin.js';
import { readCertificate } from './member-certificate.js';
import { thumbprint } from './signing-key.js';
import type { PublicKey } from './signing-key.js';

/** The keys that other members are known by. */
export interface PinnedKeys {
  /** The key of a member now, after looking at what it publishes; undefined for one that has never published any. */
  keyOf(member: MemberId): Promise<PublicKey | undefined>;
  /** Believes the next key that the member publishes, whatever it was known by: for operators who know that it lost its key. False when none was known. */
  forget(member: MemberId): Promise<boolean>;
}

export function createPinnedKeys({ database, log }: { readonly database: Kysely<unknown>; readonly log: Logger }): PinnedKeys {
  return {
    async keyOf(member) {
      const { rows } = await sql<{ certificate: string | null; pinned: string | null; refused: string | null }>`
        select m.certificate, k.public_key as pinned, k.refused from (select ${member}::text as id) asked
        left join members m on m.id = asked.id left join member_keys k on k.member = asked.id`.execute(database);
      const { certificate, pinned: x, refused: known } = rows[0] ?? {};
      const pinned = x ? { x } : undefined;
      const published = certificate ? readCertificate(member, certificate) : undefined;
      if (!published) return pinned;
      const decision = decidePin(pinned, published);
      if ('pin' in decision) return await pin(database, member, pinned, decision.pin, () => log.info('a key of another member is believed', { member, key: thumbprint(decision.pin), why: decision.why }));
      if ('refused' in decision && decision.refused.x !== known) {
        await sql`update member_keys set refused = ${decision.refused.x}, refused_at = now() where member = ${member}`.execute(database);
        log.warn('a member publishes a key that the one it is known by has not signed; it is not believed', { member, known: thumbprint(decision.keep), published: thumbprint(decision.refused) });
      }
      return decision.keep;
    },
    async forget(member) {
      const { rows } = await sql`delete from member_keys where member = ${member} returning member`.execute(database);
      return rows.length > 0;
    },
  };
}

/** By compare-and-set: of two processes that see different keys at the same moment one wins, and the other believes it. */
async function pin(database: Kysely<unknown>, member: MemberId, before: PublicKey | undefined, key: PublicKey, told: () => void): Promise<PublicKey | undefined> {
  const { rows } = await sql<{ public_key: string; is_ours: boolean }>`
    with changed as (
      insert into member_keys as k (member, public_key) values (${member}, ${key.x})
      on conflict (member) do update set public_key = excluded.public_key, pinned_at = now(), refused = null, refused_at = null where k.public_key = ${before?.x ?? null}
      returning public_key)
    select public_key, true as is_ours from changed
    union all select public_key, false from member_keys where member = ${member} and not exists (select 1 from changed)`.execute(database);
  const row = rows[0];
  if (row?.is_ours) told();
  return row && { x: row.public_key };
}
