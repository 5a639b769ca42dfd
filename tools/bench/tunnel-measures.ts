import { cpuSeconds, memoryKb } from './process-cost.js';
import { median } from './report.js';
import type { BenchRow } from './report.js';
import { startFleet } from './tunnel-fleet.js';
import { dial, startOurs, startSshd } from './tunnel-servers.js';
import type { TunnelServer } from './tunnel-servers.js';
import { measureTraffic, startService } from './tunnel-traffic.js';
import type { Service, Traffic, TrafficProcess, TrafficSeen } from './tunnel-traffic.js';

export interface TunnelBench {
  readonly folder: string;
  readonly redisUrl: string;
  readonly rounds: number;
  /** Only the measures whose name has this text. */
  readonly only: string;
  /** Undefined: what client and server agree upon. */
  readonly ciphers: readonly (string | undefined)[];
  readonly idle: number;
  readonly held: number;
  /** Further settings of our tunnel. */
  readonly settings: Readonly<Record<string, unknown>>;
}

interface Measure {
  readonly what: string;
  readonly service: Service;
  readonly traffic: Omit<Traffic, 'ports'>;
  readonly tunnels: number;
  readonly unit: string;
  readonly scale: number;
  readonly goal: number;
  /** The figure to compare; a latency is better the smaller it is. */
  readonly figure: 'rate' | 'p50' | 'p99';
}

const MIB = 1024 * 1024;
const BULK = { unit: 'MiB/s', scale: MIB, figure: 'rate' } as const;
const LATENCY = { service: 'echo', unit: 'ms', scale: 1, goal: 1.25 } as const;

const MEASURES: readonly Measure[] = [
  { what: 'bulk to the machine, 1 stream', service: 'sink', traffic: { what: 'send', streams: 1, seconds: 2 }, tunnels: 1, goal: 0.9, ...BULK },
  { what: 'bulk from the machine, 1 stream', service: 'source', traffic: { what: 'receive', streams: 1, seconds: 2 }, tunnels: 1, goal: 0.9, ...BULK },
  { what: 'bulk to the machine, 8 streams of one tunnel', service: 'sink', traffic: { what: 'send', streams: 8, seconds: 2 }, tunnels: 1, goal: 1, ...BULK },
  { what: 'bulk from the machine, 8 streams of one tunnel', service: 'source', traffic: { what: 'receive', streams: 8, seconds: 2 }, tunnels: 1, goal: 1, ...BULK },
  { what: 'bulk to machines, 8 streams of 8 tunnels', service: 'sink', traffic: { what: 'send', streams: 8, seconds: 2 }, tunnels: 8, goal: 1, ...BULK },
  { what: 'bulk from machines, 8 streams of 8 tunnels', service: 'source', traffic: { what: 'receive', streams: 8, seconds: 2 }, tunnels: 8, goal: 1, ...BULK },
  { what: 'latency, 1 connection, p50', traffic: { what: 'ask', streams: 1, seconds: 1 }, tunnels: 1, figure: 'p50', ...LATENCY },
  { what: 'latency, 10 connections, p50', traffic: { what: 'ask', streams: 10, seconds: 1 }, tunnels: 1, figure: 'p50', ...LATENCY },
  { what: 'HTTP, 1 connection', service: 'http', traffic: { what: 'request', streams: 1, seconds: 2 }, tunnels: 1, unit: '1/s', scale: 1, figure: 'rate', goal: 1.25 },
  { what: 'HTTP, 10 connections', service: 'http', traffic: { what: 'request', streams: 10, seconds: 2 }, tunnels: 1, unit: '1/s', scale: 1, figure: 'rate', goal: 1.25 },
  { what: 'new connections, 16 at a time', service: 'echo', traffic: { what: 'connect', streams: 16, seconds: 2 }, tunnels: 1, unit: '1/s', scale: 1, figure: 'rate', goal: 1 },
];

/** Idle means that what the logins left behind may be gone. */
const SETTLE_MS = 20_000;

type Pair<T> = Record<'ours' | 'sshd', T>;

/** Every measure on both servers in turn; the ratio is the median of the ratios of the rounds. What is measured is in the rows, also where a later measure fails. */
export async function measureTunnels(bench: TunnelBench, rows: BenchRow[]): Promise<void> {
  const servers: TunnelServer[] = [await startOurs(bench.folder, bench.redisUrl, bench.held + 1000, bench.settings), await startSshd(bench.folder, bench.idle + 400)];
  const wanted = (what: string): boolean => what.includes(bench.only);
  try {
    if (wanted('memory of an idle tunnel')) rows.push(await measureMemory(bench, servers));
    for (const cipher of bench.ciphers) {
      for (const measure of MEASURES) if (wanted(measure.what)) rows.push(await measureBoth(bench, servers, measure, cipher));
    }
    if (wanted('time until a tunnel is open')) rows.push(await measureOpening(bench, servers));
    if (wanted('tunnels held')) rows.push(await measureHeld(bench, servers[0] as TunnelServer));
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function measureBoth(bench: TunnelBench, servers: readonly TunnelServer[], measure: Measure, cipher: string | undefined): Promise<BenchRow> {
  const service = await startService(measure.service);
  const seen: Pair<number[]> = { ours: [], sshd: [] };
  const cost: Pair<number[]> = { ours: [], sshd: [] };
  try {
    for (let round = 0; round < bench.rounds; round += 1) {
      for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
        const { traffic, cpu } = await measureOne(bench, server, { measure, service, cipher });
        seen[server.name].push(traffic[measure.figure] / measure.scale);
        cost[server.name].push(measure.figure === 'rate' ? cpu / traffic.rate * (measure.unit === 'MiB/s' ? 1024 * MIB : 1000) : cpu * 1000 / traffic.rate);
      }
    }
  } finally {
    await service.stop();
  }
  const isTime = measure.figure !== 'rate';
  const ratios = seen.ours.map((ours, round) => (isTime ? (seen.sshd[round] ?? NaN) / ours : ours / (seen.sshd[round] ?? NaN)));
  const what = `${measure.what}${cipher ? `, ${cipher}` : ''}`;
  process.stdout.write(`${what}: processor of the server ${median(cost.ours).toFixed(2)} against ${median(cost.sshd).toFixed(2)} s per ${measure.unit === 'MiB/s' ? 'GiB' : '1,000'}\n`);
  return { what, ours: median(seen.ours), peer: median(seen.sshd), unit: measure.unit, ratio: median(ratios), goal: measure.goal };
}

interface Setting { readonly measure: Measure; readonly service: TrafficProcess; readonly cipher: string | undefined }

/** Seconds of the server's processor in a second of the traffic come with it. */
async function measureOne(bench: TunnelBench, server: TunnelServer, { measure, service, cipher }: Setting): Promise<{ traffic: TrafficSeen; cpu: number }> {
  const rights = await server.rights(measure.tunnels);
  const machines = await Promise.all(rights.map((right) => dial(server, right, service.port, { folder: bench.folder, cipher })));
  try {
    const [begun, before] = [performance.now(), cpuSeconds(server.pid)];
    const traffic = await measureTraffic({ ...measure.traffic, ports: rights.map((right) => right.port) });
    return { traffic, cpu: (cpuSeconds(server.pid) - before) / ((performance.now() - begun) / 1000) };
  } finally {
    for (const machine of machines) await machine.stop();
  }
}

async function measureOpening(bench: TunnelBench, servers: readonly TunnelServer[]): Promise<BenchRow> {
  const seen: Pair<number[]> = { ours: [], sshd: [] };
  for (let round = 0; round < bench.rounds * 3; round += 1) {
    for (const server of servers) {
      const [right] = await server.rights(1);
      const begun = performance.now();
      const machine = await dial(server, right as NonNullable<typeof right>, 9, { folder: bench.folder });
      seen[server.name].push(performance.now() - begun);
      await machine.stop();
    }
  }
  const [ours, peer] = [median(seen.ours), median(seen.sshd)];
  return { what: 'time until a tunnel is open', ours, peer, unit: 'ms', ratio: peer / ours, goal: 1 };
}

/** So many are there before anything is counted: what the server left behind when it started is used up by then, or gone. */
const FIRST = 100;

/** What `idle` more tunnels add to the memory of the server, divided by their number. The whole is told beside it. */
async function measureMemory(bench: TunnelBench, servers: readonly TunnelServer[]): Promise<BenchRow> {
  const seen: Pair<number> = { ours: NaN, sshd: NaN };
  for (const server of servers) {
    const first = await startFleet(server, await server.rights(FIRST));
    await new Promise((resolve) => { setTimeout(resolve, SETTLE_MS); });
    const before = memoryKb(server.pid);
    const fleet = await startFleet(server, await server.rights(bench.idle));
    await new Promise((resolve) => { setTimeout(resolve, SETTLE_MS); });
    const after = memoryKb(server.pid);
    seen[server.name] = (after - before) / bench.idle;
    process.stdout.write(`memory of ${server.name}: ${(before / 1024).toFixed(0)} MB with ${FIRST} idle tunnels, ${(after / 1024).toFixed(0)} MB with ${FIRST + bench.idle}\n`);
    await fleet.stop();
    await first.stop();
  }
  return { what: `memory of an idle tunnel among ${bench.idle}`, ours: seen.ours, peer: seen.sshd, unit: 'kB', ratio: seen.sshd / seen.ours, goal: 1 / 0.03 };
}

async function measureHeld(bench: TunnelBench, ours: TunnelServer): Promise<BenchRow> {
  const rights = await ours.rights(bench.held);
  const [begun, before] = [performance.now(), cpuSeconds(ours.pid)];
  const fleet = await startFleet(ours, rights);
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`${bench.held} tunnels opened in ${seconds.toFixed(0)} s, ${((cpuSeconds(ours.pid) - before) / bench.held * 1000).toFixed(1)} ms of the server’s processor each; ${(memoryKb(ours.pid) / 1024).toFixed(0)} MB in all\n`);
  await fleet.stop();
  return { what: 'tunnels held on one host', ours: bench.held, peer: 5000, unit: 'tunnels', ratio: bench.held / 5000, goal: 1 };
}
