import type { Redis } from 'ioredis';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Logger } from '@fogbow/service-runtime';
import { PoolConflict } from './pool-conflict.js';
import { PUT_GRANT, READ_GRANT, REMOVE_GRANT, RESTORE_GRANT } from './pool-scripts.js';
import { readStoredGrant } from './stored-grant.js';
import type { StoredGrant } from './stored-grant.js';

/**
 * All grants: in memory for the SSH server, and in Redis for the next start and for the other hosts of this tunnel. A change is written first and
 * visible after: what a Manager was told survives this process. Writes reject with `unavailable` while Redis is away, and with
 * PoolConflict when another host was quicker. Every answer of Redis comes over one connection, so that what is read last is newest.
 */
export interface GrantStore {
  /** Reads what an earlier process and other hosts left; rejects with `unavailable` while Redis does not answer. */
  load(): Promise<void>;
  get(id: string): StoredGrant | undefined;
  all(): readonly StoredGrant[];
  /** The grant of an order's newest incarnation. */
  ofOrder(orderId: string): StoredGrant | undefined;
  /** `byList`: asked for by a list that may be older than the grant's end; rejects with `not-found` when it has ended a moment ago. */
  put(grant: StoredGrant, how?: { readonly byList?: boolean }): Promise<void>;
  remove(id: string): Promise<void>;
  /** Looks at one grant again that another host has changed. */
  refresh(id: string): Promise<void>;
  /** Takes over all that other hosts did meanwhile, and writes again what Redis has lost. */
  heal(): Promise<void>;
}

/** What became of a grant by another host's doing. */
export type GrantChange = (id: string, before: StoredGrant | undefined, after: StoredGrant | undefined) => void;

export interface GrantStoreOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** How long (ms) a released port is nobody's, for all hosts. */
  readonly restMs: number;
  /** Told to all processes when a grant has changed; see other-processes.ts. */
  wordOf(id: string): string;
  readonly onForeignChange: GrantChange;
  readonly log: Logger;
}

/** A list of the Manager that was drawn up before a grant ended arrives within this time. */
const LATE_LIST_MS = 60_000;
const REMEMBER_ENDED_MS = 86_400_000;

interface Known { readonly grant: StoredGrant; readonly text: string }
type Answer = readonly [how: 'ok' | 'ended'] | readonly ['stale', string] | readonly ['port', string, string];

export const wordsChannel = (prefix: string): string => `${prefix}:words`;

export function createGrantStore({ redis, prefix, restMs, wordOf, onForeignChange, log }: GrantStoreOptions): GrantStore {
  const keys = [`${prefix}:grants`, `${prefix}:ports`, `${prefix}:ended`] as const;
  const memory = createMemory();
  const run = async (script: string, ...args: (string | number)[]): Promise<Answer> => await answered(redis.eval(script, keys.length, ...keys, ...args)) as Answer;
  /** What Redis says of a grant is so from now on. */
  const learn = (id: string, text: string | undefined): void => {
    const before = memory.get(id);
    if (before?.text === text) return;
    const grant = text === undefined ? undefined : readStoredGrant(text);
    if (text !== undefined && grant?.id !== id) return log.warn('a stored grant cannot be read and is ignored', { grantId: id });
    if (grant && text !== undefined) memory.set({ grant, text });
    else memory.delete(id);
    onForeignChange(id, before?.grant, grant);
  };
  const refresh = async (id: string): Promise<void> => {
    const [text, hasEnded] = await answered(redis.eval(READ_GRANT, keys.length, ...keys, id)) as [string | null, number];
    if (text !== null || hasEnded === 1) learn(id, text ?? undefined);
  };
  return {
    ...memory.grants, refresh,
    async load() {
      const stored = await answered(redis.hgetall(keys[0]));
      for (const [id, text] of Object.entries(stored)) learn(id, text);
      await Promise.all(memory.list().map(({ grant, text }) => run(RESTORE_GRANT, grant.id, text)));
    },
    async put(grant, { byList } = {}) {
      const text = JSON.stringify(grant);
      const [how, what, holder] = await run(PUT_GRANT, grant.id, memory.get(grant.id)?.text ?? '', text, restMs, byList ? LATE_LIST_MS : '', wordsChannel(prefix), wordOf(grant.id));
      if (how === 'ok') return memory.set({ grant, text });
      if (how === 'ended') learn(grant.id, undefined);
      if (how === 'ended') throw new FogbowError('not-found', 'The grant has ended.');
      if (how === 'stale') learn(grant.id, what);
      if (how === 'port') await refresh(String(holder));
      throw how === 'port' ? new PoolConflict(`Port ${what} belongs to ${holder}.`, { port: Number(what), holder: String(holder) }) : new PoolConflict(`Another host has changed ${grant.id}.`);
    },
    async remove(id) {
      await run(REMOVE_GRANT, id, restMs, REMEMBER_ENDED_MS, wordsChannel(prefix), wordOf(id));
      memory.delete(id);
    },
    async heal() {
      const stored = await answered(redis.hgetall(keys[0]));
      for (const [id, text] of Object.entries(stored)) learn(id, text);
      const lost = memory.list().filter(({ grant }) => stored[grant.id] === undefined);
      if (lost.length > 0) log.warn('Redis does not have all grants; writing them again', { grants: lost.length });
      for (const { grant, text } of lost) if ((await run(RESTORE_GRANT, grant.id, text))[0] === 'ended') learn(grant.id, undefined);
    },
  };
}

interface Memory {
  readonly grants: Pick<GrantStore, 'get' | 'all' | 'ofOrder'>;
  get(id: string): Known | undefined;
  set(known: Known): void;
  delete(id: string): void;
  list(): readonly Known[];
}

function createMemory(): Memory {
  const known = new Map<string, Known>();
  const byOrder = new Map<string, Set<string>>();
  return {
    get: (id) => known.get(id),
    list: () => [...known.values()],
    set(one) {
      known.set(one.grant.id, one);
      const { orderId } = lifeOf(one.grant.id);
      byOrder.set(orderId, (byOrder.get(orderId) ?? new Set()).add(one.grant.id));
    },
    delete(id) {
      known.delete(id);
      const { orderId } = lifeOf(id);
      const left = byOrder.get(orderId);
      left?.delete(id);
      if (left?.size === 0) byOrder.delete(orderId);
    },
    grants: {
      get: (id) => known.get(id)?.grant,
      all: () => [...known.values()].map(({ grant }) => grant),
      ofOrder(orderId) {
        const lives = [...byOrder.get(orderId) ?? []].sort((a, b) => lifeOf(b).incarnation - lifeOf(a).incarnation);
        return known.get(lives[0] ?? '')?.grant;
      },
    },
  };
}

/** The id of a grant is `<order>-<incarnation>`; one that a Manager of another kind gave is an order of its own. */
function lifeOf(grantId: string): { orderId: string; incarnation: number } {
  const [, orderId, incarnation] = /^(.+)-(\d{1,9})$/.exec(grantId) ?? [];
  return orderId === undefined ? { orderId: grantId, incarnation: 0 } : { orderId, incarnation: Number(incarnation) };
}

async function answered<T>(call: Promise<T>): Promise<T> {
  return await call.catch((error: unknown) => {
    throw new FogbowError('unavailable', 'The Redis of the tunnel does not answer.', { cause: error });
  });
}
