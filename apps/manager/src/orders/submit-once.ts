import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ClaimIds, Submission } from './submission.js';
import type { SubmitOrders } from './submit-orders.js';

export interface OnceKey {
  readonly key: string;
  /** The same for the same request only. */
  readonly fingerprint: string;
}

/** Answers the ids, and whether they are those of an earlier request. */
export type SubmitOnce = (submission: Submission, once: OnceKey) => Promise<{ readonly ids: readonly string[]; readonly isRepeated: boolean }>;

/**
 * Use case: a submission that its client may repeat. For 24 hours the same key of the same user means the same orders, whatever died in
 * between: the ids are written down before the orders, and whoever comes second stores the same ids, which the store leaves alone.
 * Another request under a known key is a conflict. A refused submission does not use its key up.
 */
export function createSubmitOnce({ database, submit }: { readonly database: Kysely<unknown>; readonly submit: SubmitOrders }): SubmitOnce {
  return async (submission, once) => {
    const ownerId = submission.owner.id;
    const known = await find(database, ownerId, once);
    if (known?.areStored) return { ids: known.ids, isRepeated: true };
    let isRepeated = false;
    const claim: ClaimIds = async (planned) => {
      if (await reserve(database, ownerId, once, planned)) return { ids: planned, areStored: false };
      const earlier = await find(database, ownerId, once);
      if (!earlier) throw new FogbowError('conflict', 'The idempotency key has just expired; send the request again.');
      isRepeated = true;
      return earlier;
    };
    const ids = await submit({ ...submission, claim });
    await sql`update idempotency_keys set is_stored = true where owner_id = ${ownerId} and key = ${once.key}`.execute(database);
    return { ids, isRepeated };
  };
}

const fresh = sql`created_at > now() - interval '24 hours'`;

async function reserve(database: Kysely<unknown>, ownerId: string, { key, fingerprint }: OnceKey, planned: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    insert into idempotency_keys as k (owner_id, key, fingerprint, order_ids) values (${ownerId}, ${key}, ${fingerprint}, ${[...planned]}::uuid[])
    on conflict (owner_id, key) do update set fingerprint = excluded.fingerprint, order_ids = excluded.order_ids, is_stored = false, created_at = now()
      where k.created_at <= now() - interval '24 hours'
    returning key`.execute(database);
  return rows.length > 0;
}

async function find(database: Kysely<unknown>, ownerId: string, { key, fingerprint }: OnceKey): Promise<Awaited<ReturnType<ClaimIds>> | undefined> {
  // An order that came to be has a history, also when it is gone again: then it must not come back.
  const { rows } = await sql<{ fingerprint: string; ids: string[]; stored: boolean }>`
    select fingerprint, order_ids::text[] as ids, is_stored or exists (select 1 from order_history where order_id = any(order_ids)) as stored
    from idempotency_keys where owner_id = ${ownerId} and key = ${key} and ${fresh}`.execute(database);
  const row = rows[0];
  if (!row) return undefined;
  if (row.fingerprint !== fingerprint) throw new FogbowError('conflict', 'This Idempotency-Key was used for another request; take a new key.');
  return { ids: row.ids, areStored: row.stored };
}
