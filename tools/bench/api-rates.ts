import { setPriority } from 'node:os';
import pg from 'pg';
import { startBareExpress } from './bare-express.js';
import type { PeerProcess } from './bare-express.js';
import { BENCH_MEMBER, post, startManagerOn } from './bench-manager.js';
import type { BenchManager } from './bench-manager.js';
import { startBenchServers } from './bench-servers.js';
import { measureLatencies, measureRate, percentile, wireRequest } from './load-client.js';
import type { Load } from './load-client.js';
import { median } from './report.js';
import type { BenchRow } from './report.js';

const ORDERS = 1000;
const CONNECTIONS = 32;
const TAIL_SECONDS = 3;
const SECONDS = 0.5;
/** Short, so that what else the machine does falls on both sides; many, so that it falls out of the median. */
const TURNS_A_ROUND = 3;
const NEW_ORDER = { flavor: 'small', title: 'worker node', publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXOgoIDHKzhAcxNgHYVY9lPkM3lVJPyAcmCkFW0V7NB bench@example.org' };

interface Case {
  readonly what: string;
  readonly goal: number;
  readonly path: string;
  readonly ours: Load;
  readonly peer: Load;
}

/** Requests a second of the real Manager beside the bare handler, and its latencies at half of that. The ratio is the median of those of the turns. */
export async function measureApiRates(rounds: number): Promise<BenchRow[]> {
  const servers = await startBenchServers();
  let manager: BenchManager | undefined;
  let peer: PeerProcess | undefined;
  try {
    manager = await startManagerOn(servers, { users: ['bench', 'writer'], settings: { 'limits.requestsPerMinute': 1_000_000_000 } });
    for (let batch = 0; batch < ORDERS / 50; batch += 1) await post(manager, { count: 50, ...NEW_ORDER });
    await manager.untilFulfilled(ORDERS);
    peer = await startBareExpress(manager.databaseUrl, BENCH_MEMBER, 'bench');
    const cases = await casesOf(manager, peer);
    const rates = await measureInTurn(cases, rounds, manager.databaseUrl);
    return [...rates, ...await measureTails(cases.slice(0, 2), rates, rounds)];
  } finally {
    await peer?.stop();
    await manager?.stop();
    await servers.stop();
  }
}

async function casesOf(manager: BenchManager, peer: PeerProcess): Promise<Case[]> {
  const reader = { 'X-Auth-Token': manager.token };
  const list = await sameBytes(manager, peer, '/v1/orders') as { orders: { id: string }[] };
  const paths = list.orders.map(({ id }) => `/v1/orders/${id}`);
  for (const path of paths) await sameBytes(manager, peer, path);
  // Valid from tomorrow on, so that nothing is placed: what placing costs is shown by the bench of orders.
  const order = { ...NEW_ORDER, validFrom: new Date(Date.now() + 86_400_000).toISOString() };
  const pair = (status: number, requests: readonly Buffer[]): Pick<Case, 'ours' | 'peer'> => ({ ours: { port: manager.port, status, requests }, peer: { port: peer.port, status, requests } });
  return [
    { what: 'GET list, 50 of 1,000', goal: 0.7, path: '/v1/orders', ...pair(200, [wireRequest('GET', '/v1/orders', reader)]) },
    { what: 'GET one with its history', goal: 0.7, path: paths[0] ?? '', ...pair(200, paths.map((path) => wireRequest('GET', path, reader))) },
    { what: 'POST one', goal: 0.25, path: '', ...pair(201, [wireRequest('POST', '/v1/orders', { 'X-Auth-Token': String(manager.tokens['writer']) }, order)]) },
  ];
}

/** Answers what both said, and fails when they differ by a byte. */
async function sameBytes(manager: BenchManager, peer: PeerProcess, path: string): Promise<unknown> {
  const [ours, theirs] = await Promise.all([manager.port, peer.port].map(async (port) => await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-Auth-Token': manager.token } })).text()));
  if (ours !== theirs) throw new Error(`The answers to GET ${path} differ:\n${ours?.slice(0, 1000)}\n${theirs?.slice(0, 1000)}`);
  return JSON.parse(String(ours));
}

async function measureInTurn(cases: readonly Case[], rounds: number, databaseUrl: string): Promise<BenchRow[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const seen = cases.map(() => ({ ours: [] as number[], peer: [] as number[] }));
  const turns = TURNS_A_ROUND * rounds;
  // The first turns warm both up.
  for (let turn = -TURNS_A_ROUND; turn < turns; turn += 1) {
    for (const [index, one] of cases.entries()) {
      for (const side of turn % 2 === 0 ? ['ours', 'peer'] as const : ['peer', 'ours'] as const) {
        const rate = await measureRate(one[side], CONNECTIONS, SECONDS);
        if (turn >= 0) seen[index]?.[side].push(rate);
        if (one.path === '') await forgetWritten(pool);
      }
    }
  }
  await pool.end();
  return cases.map(({ what, goal }, index) => {
    const { ours, peer } = seen[index] ?? { ours: [], peer: [] };
    return { what, ours: median(ours), peer: median(peer), unit: 'requests/s', ratio: median(ours.map((rate, turn) => rate / (peer[turn] ?? NaN))), goal };
  });
}

/** What one side wrote is not the other's burden. */
async function forgetWritten(pool: pg.Pool): Promise<void> {
  for (const table of ['orders', 'order_accounts', 'order_history']) await pool.query(`delete from ${table} where owner_id = 'writer'`);
  await pool.query('vacuum analyze orders, order_accounts, order_history');
}

/** Where even the median waits so long, the machine was too busy for half of what it did before, and the tail says nothing good. */
const PILED_UP_MS = 100;

/** The client stands for other machines: where it may, it does not wait for those whom it measures. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // Only root may.
  }
}

interface Tail { readonly p50: number; readonly p99: number }

/** p50 and p99 of the Manager at half of the rate that it had, the medians of the rounds. Those of the bare handler are told too: they show what the machine itself does. */
async function measureTails(cases: readonly Case[], rates: readonly BenchRow[], rounds: number): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  goFirst();
  for (const [index, { what, ...one }] of cases.entries()) {
    const seen: Record<'ours' | 'peer', Tail[]> = { ours: [], peer: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const side of ['ours', 'peer'] as const) {
        const took = await measureLatencies(one[side], CONNECTIONS, Math.min(rates[index]?.ours ?? 0, rates[index]?.peer ?? 0) / 2, TAIL_SECONDS);
        seen[side].push({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
      }
    }
    const [ours, peer] = [tailOf(seen.ours), tailOf(seen.peer)];
    process.stdout.write(`${what}, at half load: p50 ${ours.p50.toFixed(2)} ms, p99 ${ours.p99.toFixed(2)} ms; of the bare handler ${peer.p50.toFixed(2)} and ${peer.p99.toFixed(2)} ms\n`);
    rows.push({ what: `${what}: p99 against 5 × p50 at half load`, ours: ours.p99, peer: 5 * ours.p50, unit: 'ms', ratio: ours.p50 > PILED_UP_MS ? 0 : 5 * ours.p50 / ours.p99, goal: 1 });
  }
  return rows;
}

const tailOf = (tails: readonly Tail[]): Tail => ({ p50: median(tails.map(({ p50 }) => p50)), p99: median(tails.map(({ p99 }) => p99)) });
