import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { CloudCredentials, CloudIdentity, CloudToken } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';

/** The token of one cloud account, shared by all processes of the member through the database, sealed there. */
export interface CloudTokens {
  /** A token that is good for at least a call; issued when there is none. */
  current(): Promise<CloudToken>;
  /** The cloud did not accept this token: it is forgotten everywhere, unless somebody has replaced it already. */
  refused(token: CloudToken): Promise<void>;
  /** Spec §2.4 (token updater): replaces the token when it has less than twice the period to live and an order needs it. */
  renewIfDue(): Promise<'renewed' | 'fresh' | 'not needed'>;
}

export interface CloudTokensOptions {
  readonly database: Kysely<unknown>;
  readonly account: string;
  readonly identity: CloudIdentity;
  /** Asked for each token. */
  credentials(): CloudCredentials;
  readonly key: Buffer;
  readonly periodMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

// A token with less life than this is not started a call with.
const MARGIN_MS = 10_000;
// Less than the database allows a transaction to be idle, and longer than any answer that is still worth waiting for.
const ISSUE_MS = 25_000;

/** A token and how long it lives in all; absent: for ever. */
interface Held {
  readonly token: CloudToken;
  readonly lifeMs?: number;
}

export function createCloudTokens(options: CloudTokensOptions): CloudTokens {
  const { clock } = options;
  const store = createTokenStore(options);
  let cached: Held | undefined;
  let replacing: Promise<Held> | undefined;
  const goodFor = (held: Held | undefined, ms: number): held is Held =>
    held !== undefined && (held.token.expiresAt === undefined || held.token.expiresAt.getTime() - clock.now().getTime() > ms);
  // A token whose whole life is shorter than the margin would never be good: half of its life is margin enough then.
  const usable = (held: Held | undefined): held is Held => goodFor(held, Math.min(MARGIN_MS, (held?.lifeMs ?? Infinity) / 2));
  const fresh = (held: Held | undefined): held is Held => goodFor(held, 2 * options.periodMs);

  /** One process issues; the others wait for it and take its token. */
  const replace = async (stillGood: (held: Held | undefined) => held is Held): Promise<Held> => (cached = await options.database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`cloud-token ${options.account}`}))`.execute(transaction);
    const found = await store.read(transaction);
    if (stillGood(found)) return found;
    const issued = await options.identity.issue(options.credentials(), AbortSignal.timeout(ISSUE_MS));
    options.log.info('cloud token issued', { account: options.account, expiresAt: issued.expiresAt });
    return await store.write(transaction, issued, clock.now());
  }));
  /** Of many calls that need a token at once, one holds a connection for it. */
  const replaceOnce = (): Promise<Held> => (replacing ??= replace(usable).finally(() => { replacing = undefined; }));

  return {
    current: async () => (usable(cached) ? cached : await replaceOnce()).token,
    async refused(token) {
      if (cached?.token.value === token.value) cached = undefined;
      await store.forget(token);
    },
    async renewIfDue() {
      if (!await isNeeded(options.database)) return 'not needed';
      if (fresh(await store.read(options.database))) return 'fresh';
      await replace(fresh);
      return 'renewed';
    },
  };
}

interface TokenStore {
  read(executor: Kysely<unknown>): Promise<Held | undefined>;
  write(executor: Kysely<unknown>, token: CloudToken, issuedAt: Date): Promise<Held>;
  /** Unless it has been replaced already. */
  forget(token: CloudToken): Promise<void>;
}

function createTokenStore({ account, key, database }: Pick<CloudTokensOptions, 'account' | 'key' | 'database'>): TokenStore {
  const seal = createSeal(key);
  const row = async (executor: Kysely<unknown>): Promise<{ sealed: string; expires_at: Date | null; issued_at: Date } | undefined> =>
    (await sql<{ sealed: string; expires_at: Date | null; issued_at: Date }>`select sealed, expires_at, issued_at from cloud_tokens where account = ${account}`.execute(executor)).rows[0];
  const held = (value: string, expiresAt: Date | undefined, issuedAt: Date): Held =>
    (expiresAt ? { token: { value, expiresAt }, lifeMs: expiresAt.getTime() - issuedAt.getTime() } : { token: { value } });
  return {
    async read(executor) {
      const found = await row(executor);
      const value = found && seal.open(found.sealed);
      return found && value !== undefined ? held(value, found.expires_at ?? undefined, found.issued_at) : undefined;
    },
    async write(executor, { value, expiresAt }, issuedAt) {
      await sql`insert into cloud_tokens (account, sealed, expires_at, issued_at) values (${account}, ${seal.close(value)}, ${expiresAt ?? null}, ${issuedAt})
        on conflict (account) do update set sealed = excluded.sealed, expires_at = excluded.expires_at, issued_at = excluded.issued_at`.execute(executor);
      return held(value, expiresAt, issuedAt);
    },
    async forget(token) {
      const found = await row(database);
      if (found && seal.open(found.sealed) === token.value) await sql`delete from cloud_tokens where account = ${account} and sealed = ${found.sealed}`.execute(database);
    },
  };
}

async function isNeeded(database: Kysely<unknown>): Promise<boolean> {
  // All but closed and failed, in the words of three indexes: where all orders have ended, none of them is read.
  const { rows } = await sql<{ needed: boolean }>`select
    exists (select 1 from orders where state = 'open') or exists (select 1 from orders where state in ('pending', 'spawning', 'fulfilled'))
    or exists (select 1 from orders where state = 'deleted') or exists (select 1 from releases) as needed`.execute(database);
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
