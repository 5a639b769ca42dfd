import pg from 'pg';
import { startManagerOn } from './bench-manager.js';
import type { BenchManager } from './bench-manager.js';
import { startBenchServers } from './bench-servers.js';
import type { BenchServers } from './bench-servers.js';
import { measureTimes, wireRequest } from './load-client.js';
import { median } from './report.js';
import type { BenchRow } from './report.js';
import { seedOrders } from './seed-orders.js';

const FEW = 1000;
const MANY = 100_000;
const OTHERS = 99;
/** Requests of one kind to each Manager. */
const A_ROUND = 20;

/** Times of every kind of list with 1,000 orders in all beside 100,000: of 100 owners with as many each, and all of the asking owner. */
export async function measureSizes(rounds: number): Promise<BenchRow[]> {
  const servers = await startBenchServers();
  const managers: BenchManager[] = [];
  try {
    const started = async (name: string, own: number, others: number): Promise<BenchManager> => {
      const manager = await startSeeded(servers, name, own, others);
      managers.push(manager);
      return manager;
    };
    const few = await started('few', FEW, 0);
    const shared = await compare(few, await started('shared', FEW, OTHERS), `${figure(MANY)} of ${OTHERS + 1} owners`, rounds, [...jsonRequests, ...occiRequests]);
    const own = await compare(few, await started('own', MANY, 0), `${figure(MANY)} of one owner`, rounds, jsonRequests);
    return [...shared, ...own];
  } finally {
    for (const manager of managers) await manager.stop();
    await servers.stop();
  }
}

const figure = (value: number): string => value.toLocaleString('en');

/** Without workers: nothing moves the orders, and what is measured is the API alone. */
async function startSeeded(servers: BenchServers, name: string, own: number, others: number): Promise<BenchManager> {
  const manager = await startManagerOn(servers, { name, settings: { 'process.roles': ['api'], 'limits.requestsPerMinute': 1_000_000_000 } });
  const pool = new pg.Pool({ connectionString: manager.databaseUrl, max: 1 });
  pool.on('error', () => undefined);
  try {
    await seedOrders(pool, 'bench', own);
    for (let other = 0; other < others; other += 1) await seedOrders(pool, `other-${other}`, FEW);
    await pool.query('vacuum analyze');
  } finally {
    await pool.end();
  }
  return manager;
}

/** A request, made from what the owner of this Manager has. */
interface Sized {
  readonly what: string;
  readonly path: (manager: BenchManager) => Promise<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

const at = (what: string, path: string): Sized => ({ what, path: () => Promise.resolve(path) });

const jsonRequests: readonly Sized[] = [
  at('list', '/v1/orders'),
  { what: 'list, a page in the depth', path: deepPage },
  at('list, oldest first', '/v1/orders?sort=createdAt'),
  at('list, state=fulfilled', '/v1/orders?state=fulfilled'),
  at('list, a rare state', '/v1/orders?state=failed'),
  at('list, two states', '/v1/orders?state=failed,fulfilled'),
  at('list, a rare kind', '/v1/orders?kind=network'),
  at('list, a rare type', '/v1/orders?type=persistent'),
  at('list, rare state, kind and type', '/v1/orders?state=failed&kind=network&type=persistent'),
  at('list, a rare provider', '/v1/orders?provider=manager.rare.example'),
  at('list, a frequent provider', '/v1/orders?provider=manager.other.example'),
  at('list, all of it that is not there', '/v1/orders?state=pending&kind=network&provider=manager.rare.example'),
  { what: 'list, a batch', path: async (manager) => `/v1/orders?batch=${(await ask(manager, '/v1/orders?limit=1')).orders[0]?.batchId}` },
  { what: 'show', path: async (manager) => `/v1/orders/${(await ask(manager, '/v1/orders?sort=createdAt&limit=1')).orders[0]?.id}` },
];

const occiRequests: readonly Sized[] = [
  at('OCCI list', '/order'),
  { ...at('OCCI list, filtered', '/order'), headers: { 'X-OCCI-Attribute': 'org.fogbowcloud.order.state="failed"' } },
];

async function ask(manager: BenchManager, path: string): Promise<{ orders: { id: string; batchId: string }[]; next?: string }> {
  const response = await fetch(manager.url + path, { headers: { 'X-Auth-Token': manager.token } });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return await response.json() as Awaited<ReturnType<typeof ask>>;
}

/** Nine tenths down the list, found as a client finds it. */
async function deepPage(manager: BenchManager): Promise<string> {
  const cursors: string[] = [];
  const fields = 'limit=500&fields=id';
  let page = await ask(manager, `/v1/orders?${fields}`);
  for (; page.next; page = await ask(manager, `/v1/orders?${fields}&cursor=${page.next}`)) cursors.push(page.next);
  return `/v1/orders?cursor=${cursors[Math.floor(cursors.length * 0.9)] ?? ''}`;
}

async function compare(few: BenchManager, many: BenchManager, name: string, rounds: number, requests: readonly Sized[]): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { what, path, headers } of requests) {
    const loads = await Promise.all([few, many].map(async (manager) => ({
      port: manager.port, status: 200, requests: [wireRequest('GET', await path(manager), { 'X-Auth-Token': manager.token, ...headers })],
    })));
    // The first ones warm up what is measured.
    await measureTimes(loads, A_ROUND);
    const [peer = NaN, ours = NaN] = (await measureTimes(loads, rounds * A_ROUND)).map(median);
    rows.push({ what: `${what}: ${name} against ${figure(FEW)}`, ours, peer, unit: 'ms', ratio: peer / ours, goal: 0.5 });
  }
  return rows;
}
