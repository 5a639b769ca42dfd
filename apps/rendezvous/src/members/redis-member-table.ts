import type { Redis } from 'ioredis';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { HeardMember, MemberStatus } from '@fogbow/messaging';
import type { MemberId } from '@fogbow/request-model';
import type { LivingMember, MemberFacts, MemberTable, MemberTableOptions } from './member-table.js';
import { pageWish } from './page-wish.js';
import { ANNOUNCE, EXPIRE, MERGE, PAGE } from './redis-scripts.js';
import { fullTable, noSuchPage } from './table-errors.js';

export interface RedisTableOptions extends MemberTableOptions {
  /** Must fail at once while Redis is away; not closed here. */
  readonly redis: Redis;
  /** Beginning of every key; all processes of one Rendezvous have the same. */
  readonly prefix: string;
}

type Answer = readonly [dropped: MemberId[], ...rest: unknown[]];

/** The table of all processes of one Rendezvous, which outlives each of them. The time is Redis's own. */
export function createRedisMemberTable({ redis, prefix, timeoutMs, maxMembers, onDropped }: RedisTableOptions): MemberTable {
  // The braces keep the keys in one slot of a cluster.
  const keys = ['seen', 'names', 'certificates', 'statuses'].map((name) => `{${prefix}:members}:${name}`);
  const run = async (script: string, ...args: (string | number)[]): Promise<unknown[]> => {
    const [dropped, ...rest] = await answered(redis.eval(script, keys.length, ...keys, timeoutMs, maxMembers, ...args)) as Answer;
    if (dropped.length > 0) onDropped?.(dropped);
    return rest;
  };
  return {
    async now() {
      const [seconds, micros] = await answered(redis.time());
      return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    },
    expire: async () => void await run(EXPIRE),
    async announce(facts) {
      const [outcome, changed] = await run(ANNOUNCE, ...factArguments(facts));
      if (outcome === 'full') throw fullTable();
      return { isNew: outcome === 'entered', certificateChanged: changed === 'changed' };
    },
    async merge(heard, askedAt) {
      const [entered, refreshed, refused, changed] = await run(MERGE, askedAt, ...heard.flatMap(heardArguments));
      return { entered: Number(entered), refreshed: Number(refreshed), refused: Number(refused), certificatesChanged: changed as MemberId[] };
    },
    async page(query, pageMax) {
      const wish = pageWish(query, pageMax);
      const where = 'id' in wish ? wish.id : 'index' in wish ? wish.index : '';
      const [total, index, ...texts] = await run(PAGE, wish.size, wish.at, where);
      if (Number(index) < 0) throw noSuchPage(wish);
      return { members: readMembers(texts as string[]), total: Number(total), index: Number(index) };
    },
  };
}

const factArguments = ({ id, certificate = '', status }: MemberFacts): [string, string, string] => [id, certificate, status ? JSON.stringify(status) : ''];

function heardArguments(member: HeardMember): (string | number)[] {
  const [id, ...facts] = factArguments(member);
  return [id, member.quietForMs, ...facts];
}

const FIELDS = 4;

function readMembers(texts: readonly string[]): LivingMember[] {
  return Array.from({ length: texts.length / FIELDS }, (_, row) => {
    const [id = '', quiet, certificate, status] = texts.slice(row * FIELDS, (row + 1) * FIELDS);
    return { id, quietForMs: Number(quiet), ...(certificate ? { certificate } : {}), ...(status ? { status: JSON.parse(status) as MemberStatus } : {}) };
  });
}

async function answered<Value>(call: Promise<Value>): Promise<Value> {
  return await call.catch((cause: unknown) => {
    throw new FogbowError('unavailable', 'The Redis of the Rendezvous does not answer.', { cause });
  });
}
