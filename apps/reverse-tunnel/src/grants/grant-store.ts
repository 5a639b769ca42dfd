import type { Redis } from 'ioredis';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Logger } from '@fogbow/service-runtime';
import { readStoredGrant } from './stored-grant.js';
import type { StoredGrant } from './stored-grant.js';

/**
 * All grants, in memory for the SSH server and in one Redis hash for the next start. A change is written first and
 * visible after: what a Manager was told survives this process. Writes reject with `unavailable` while Redis is away.
 */
export interface GrantStore {
  /** Reads what an earlier process left; rejects with `unavailable` while Redis does not answer. */
  load(): Promise<void>;
  get(id: string): StoredGrant | undefined;
  all(): readonly StoredGrant[];
  /** The grant of an order's newest incarnation. */
  ofOrder(orderId: string): StoredGrant | undefined;
  put(grant: StoredGrant): Promise<void>;
  remove(id: string): Promise<void>;
  /** Writes everything again if Redis has lost some of it. */
  heal(): Promise<void>;
}

export interface GrantStoreOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: Logger;
}

export function createGrantStore({ redis, prefix, log }: GrantStoreOptions): GrantStore {
  const key = `${prefix}:grants`;
  const grants = new Map<string, StoredGrant>();
  const byOrder = new Map<string, Set<string>>();
  const remember = (grant: StoredGrant): void => {
    grants.set(grant.id, grant);
    const { orderId } = lifeOf(grant.id);
    byOrder.set(orderId, (byOrder.get(orderId) ?? new Set()).add(grant.id));
  };
  const forget = (id: string): void => {
    grants.delete(id);
    const { orderId } = lifeOf(id);
    const left = byOrder.get(orderId);
    left?.delete(id);
    if (left?.size === 0) byOrder.delete(orderId);
  };
  return {
    async load() {
      for (const [id, text] of Object.entries(await answered(redis.hgetall(key)))) {
        const grant = readStoredGrant(text);
        if (grant?.id === id) remember(grant);
        else log.warn('a stored grant cannot be read and is ignored', { grantId: id });
      }
    },
    get: (id) => grants.get(id),
    all: () => [...grants.values()],
    ofOrder(orderId) {
      const lives = [...byOrder.get(orderId) ?? []].sort((a, b) => lifeOf(b).incarnation - lifeOf(a).incarnation);
      return grants.get(lives[0] ?? '');
    },
    async put(grant) {
      await answered(redis.hset(key, grant.id, JSON.stringify(grant)));
      remember(grant);
    },
    async remove(id) {
      await answered(redis.hdel(key, id));
      forget(id);
    },
    async heal() {
      if (grants.size === 0 || await answered(redis.hlen(key)) >= grants.size) return;
      log.warn('Redis has lost grants; writing them again', { grants: grants.size });
      await answered(redis.hset(key, Object.fromEntries([...grants.values()].map((grant) => [grant.id, JSON.stringify(grant)]))));
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
