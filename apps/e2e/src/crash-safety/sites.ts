import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createApiClient } from '../api-client.js';
import type { ApiClient, OrderKind } from '../api-client.js';
import type { FederationFile, FederationMember } from '../federation-file.js';
import { processesWith } from '../machines.js';

/** Something as its cloud knows it, whatever any Manager thinks. */
export interface Thing {
  readonly id: string;
  readonly clientToken: string;
  readonly kind: OrderKind;
}

/** One member, seen from all sides at once. */
export interface Site {
  readonly id: string;
  readonly api: ApiClient;
  /** The name of its Manager's process; likewise its tunnel and its fake cloud. */
  readonly manager: string;
  readonly tunnel: string;
  readonly cloud: string;
  /** Every machine that there is. */
  machines(): Promise<readonly Thing[]>;
  /** Everything that there is, of every kind. */
  things(): Promise<readonly Thing[]>;
  /** Knobs of the fake cloud. */
  turn(knobs: Readonly<Record<string, unknown>>): Promise<void>;
  /** A machine of the fake cloud is gone without a word. */
  vanish(id: string): Promise<void>;
  /** Rows of its database, by its superuser. */
  rows<Row extends object>(query: string): Promise<Row[]>;
  /** How many grants its tunnel holds. */
  grantsInTunnel(): Promise<number>;
  readonly member: FederationMember;
}

/** Knobs of a fake cloud that does nothing strange. */
export const PLAIN_CLOUD = { createDelay: 0, bootDelay: 0, describeDelay: 0, refuse: 'none', refuseCount: null, outage: false };

const TIMEOUT_MS = 5000;

export function createSite(file: FederationFile, name: string): Site {
  const member = file.members.find((one) => one.name === name);
  if (!member) throw new Error(`There is no member ${name}.`);
  const { controlUrl, directory } = member.cloud;
  const database = new URL(file.postgres.url);
  database.pathname = `/fogbow_${name}`;
  return {
    id: member.id, api: createApiClient(member), manager: `manager-${name}`, tunnel: `tunnel-${name}`, cloud: `fake-cloud-${name}`, member,
    machines: async () => (controlUrl ? await listFake(controlUrl, 'compute') : livingMachines(directory ?? '')),
    things: async () => (controlUrl ? (await Promise.all(KINDS.map((kind) => listFake(controlUrl, kind)))).flat() : livingMachines(directory ?? '')),
    turn: async (knobs) => void await json(`${controlUrl}/knobs`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(knobs) }),
    vanish: async (id) => void await request(`${controlUrl}/instances/${id}/vanish`, { method: 'POST' }),
    rows: (query) => queryRows(database.href, query),
    grantsInTunnel: async () => (await json<{ grants: number }>(`${member.tunnel.httpUrl}/v1/status`)).grants,
  };
}

/** What the fake cloud calls them. */
const FAKE_NAME: Readonly<Record<OrderKind, string>> = { compute: 'instances', storage: 'volumes', network: 'networks', attachment: 'attachments' };
const KINDS = Object.keys(FAKE_NAME) as OrderKind[];

async function listFake(controlUrl: string, kind: OrderKind): Promise<Thing[]> {
  return (await json<Omit<Thing, 'kind'>[]>(`${controlUrl}/${FAKE_NAME[kind]}`)).map((one) => ({ ...one, kind }));
}

/** A machine counts as long as any process of it lives, whatever its cloud's files say. */
function livingMachines(directory: string): Thing[] {
  const ids = processesWith(join(directory, 'machines')).flatMap((pid) => machineIdOf(pid) ?? []);
  return [...new Set(ids)].map((id) => ({ id, clientToken: id.replace(/-[0-9a-f]{8}$/, ''), kind: 'compute' }));
}

function machineIdOf(pid: number): string | undefined {
  try {
    return /(?:^|\0)FOGBOW_MACHINE=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

async function request(url: string, init: RequestInit): Promise<string> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return text;
}

const json = async <Answer>(url: string, init: RequestInit = {}): Promise<Answer> => JSON.parse(await request(url, init)) as Answer;

export async function queryRows<Row extends object>(url: string, query: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end();
  }
}

/** Runs one command on the Redis of the federation. */
export async function askRedis(url: string, command: string): Promise<unknown> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null, connectTimeout: TIMEOUT_MS, commandTimeout: TIMEOUT_MS });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(command);
  } finally {
    redis.disconnect();
  }
}
