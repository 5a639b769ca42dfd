import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import type { CloudCredentials, CloudIdentity, CloudToken } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';

/** The token of one cloud account, shared by all processes of the member through the database, sealed there. */
export interface CloudTokens {
  /** A token that is good for at least a call; issued when there is none. */
  current(signal: AbortSignal): Promise<CloudToken>;
  /** The cloud did not accept this token: it is forgotten everywhere, unless somebody has replaced it already. */
  refused(token: CloudToken): Promise<void>;
  /** Spec §2.4 (token updater): replaces the token when it has less than twice the period to live and an order needs it. */
  renewIfDue(signal: AbortSignal): Promise<'renewed' | 'fresh' | 'not needed'>;
}

export interface CloudTokensOptions {
  readonly database: Kysely<unknown>;
  readonly account: string;
  readonly identity: CloudIdentity;
  readonly credentials: CloudCredentials;
  readonly key: Buffer;
  readonly periodMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

// A token with less life than this is not started a call with.
const MARGIN_MS = 10_000;

export function createCloudTokens(options: CloudTokensOptions): CloudTokens {
  const seal = createSeal(options.key);
  let cached: CloudToken | undefined;
  const goodFor = (token: CloudToken | undefined, ms: number): token is CloudToken =>
    token !== undefined && (token.expiresAt === undefined || token.expiresAt.getTime() - options.clock.now().getTime() > ms);
  // A token whose whole life is shorter than the margin would never be good: half of its life is margin enough then.
  const marginOf = (token: CloudToken | undefined, life: number | undefined): number => (token && life !== undefined ? Math.min(MARGIN_MS, life / 2) : MARGIN_MS);
  let lifeMs: number | undefined;

  const stored = async (executor: Kysely<unknown> | Transaction<unknown>): Promise<CloudToken | undefined> => {
    const { rows } = await sql<{ sealed: string; expires_at: Date | null }>`select sealed, expires_at from cloud_tokens where account = ${options.account}`.execute(executor);
    const value = rows[0] && seal.open(rows[0].sealed);
    return value === undefined ? undefined : { value, ...(rows[0]?.expires_at ? { expiresAt: rows[0].expires_at } : {}) };
  };

  /** One process issues; the others wait for it and take its token. */
  const replace = (stillGood: (token: CloudToken | undefined) => token is CloudToken, signal: AbortSignal): Promise<CloudToken> =>
    options.database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext(${`cloud-token ${options.account}`}))`.execute(transaction);
      const found = await stored(transaction);
      if (stillGood(found)) return (cached = found);
      const issued = await options.identity.issue(options.credentials, signal);
      await sql`insert into cloud_tokens (account, sealed, expires_at) values (${options.account}, ${seal.close(issued.value)}, ${issued.expiresAt ?? null})
        on conflict (account) do update set sealed = excluded.sealed, expires_at = excluded.expires_at, issued_at = now()`.execute(transaction);
      lifeMs = issued.expiresAt && issued.expiresAt.getTime() - options.clock.now().getTime();
      options.log.info('cloud token issued', { account: options.account, expiresAt: issued.expiresAt });
      return (cached = issued);
    });

  const usable = (token: CloudToken | undefined): token is CloudToken => goodFor(token, marginOf(token, lifeMs));
  return {
    current: async (signal) => (usable(cached) ? cached : await replace(usable, signal)),
    async refused(token) {
      if (cached?.value === token.value) cached = undefined;
      const found = await stored(options.database);
      if (found?.value === token.value) await sql`delete from cloud_tokens where account = ${options.account}`.execute(options.database);
    },
    async renewIfDue(signal) {
      if (!await isNeeded(options.database)) return 'not needed';
      const fresh = (token: CloudToken | undefined): token is CloudToken => goodFor(token, 2 * options.periodMs);
      const before = await stored(options.database);
      if (fresh(before)) return 'fresh';
      await replace(fresh, signal);
      return 'renewed';
    },
  };
}

async function isNeeded(database: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ needed: boolean }>`select
    exists (select 1 from orders where state not in ('closed', 'failed')) or exists (select 1 from releases) as needed`.execute(database);
  return rows[0]?.needed === true;
}

/** AES-256-GCM under a key derived from the Manager's. What cannot be opened (the key changed) counts as absent. */
function createSeal(key: Buffer): { close(text: string): string; open(sealed: string): string | undefined } {
  const derived = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'cloud-tokens', 32));
  return {
    close(text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', derived, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', derived, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
