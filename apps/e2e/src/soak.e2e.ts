/**
 * Two members under a steady load for hours: is anything more at the end than at the beginning? Two Prosody, cloud-local at both, every process looked at each 15 s; a
 * picture, a page and a verdict at the end (docs/soak.md). Exit status 0 only when all is flat and was looked at for at least half an hour. Options: --minutes N (default 120), --rate N (orders a minute, default 20),
 * --port-base N (default 22700), --log FILE (default: .cache/soak/soak.jsonl), --docs (writes docs/soak.md and docs/soak.svg; otherwise both stand beside the log), --from FILE (runs nothing).
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { limitTime } from '@fogbow/plugin-contracts';
import { machinesIn } from './machines.js';
import { judgeSoak } from './soak/judge-soak.js';
import { placeOrders } from './soak/place-orders.js';
import { plotSoak } from './soak/plot-soak.js';
import { reportSoak } from './soak/report-soak.js';
import { sampleProcesses } from './soak/sample-processes.js';
import { createServerProbe, sizeOf } from './soak/sample-servers.js';
import { createSoakWriter, LOOK_SECONDS, readSoakLog } from './soak/soak-log.js';
import type { OrderRecord, Sample, SoakLine } from './soak/soak-log.js';
import { createSshUser } from './ssh.js';
import { cloneRoot, createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';

const SAMPLE_MS = LOOK_SECONDS * 1000;
const TOLD_EVERY = 20;
/** After the last order is gone: what is still to be cleaned up has its period. */
const SETTLE_MS = 20_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' }, rate: { type: 'string', default: '20' }, 'port-base': { type: 'string', default: '22700' },
    log: { type: 'string' }, from: { type: 'string' }, docs: { type: 'boolean', default: false },
  },
});
const root = cloneRoot();
const file = values.from ?? values.log ?? join(root, '.cache', 'soak', 'soak.jsonl');

/** What is written to disk at this moment cannot always be read. */
function machinesOf(federation: TestFederation): number[] {
  try {
    return federation.file().members.flatMap(({ cloud }) => machinesIn(String(cloud.directory))).map(({ pid }) => pid);
  } catch {
    return [];
  }
}

function createSampler(federation: TestFederation, probes: string, seconds: () => number) {
  const servers = createServerProbe(federation.file());
  const look = async (): Promise<Sample> => {
    const { processes, launcherPid } = federation.file();
    const machines = machinesOf(federation);
    const wanted = { launcher: { pids: [launcherPid] }, ...Object.fromEntries(processes.map(({ name, pid }) => [name, { pids: [pid], withChildren: name === 'postgres' }])), machines: { pids: machines, withChildren: true } };
    return {
      type: 'sample', seconds: Math.round(seconds()), processes: sampleProcesses(wanted, probes), ...await servers.look(), machines: machines.length,
      logKb: sizeOf(processes.map(({ logFile }) => logFile)), load: Number((loadavg()[0] ?? 0).toFixed(2)),
    };
  };
  return { look, close: () => servers.close() };
}

type Sampler = ReturnType<typeof createSampler>;

/** A look that fails is told and not the end: the next one may be in better times. */
async function watch(sampler: Sampler, write: (line: SoakLine) => void, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count += 1) {
    const begun = performance.now();
    try {
      const sample = await sampler.look();
      write(sample);
      if (count % TOLD_EVERY === 0) say(lineOf(sample));
    } catch (error) {
      say(`a look failed: ${(error as Error).message}`);
    }
    await pause(Math.max(0, SAMPLE_MS - (performance.now() - begun)), undefined, { signal }).catch(() => undefined);
  }
}

const lineOf = ({ seconds, processes, machines, load }: Sample): string =>
  `${(seconds / 60).toFixed(0)} min: ${['manager-a', 'manager-b', 'tunnel-a', 'tunnel-b'].map((name) => `${name} ${((processes[name]?.memoryKb ?? 0) / 1024).toFixed(0)} MiB, ${processes[name]?.handles ?? 0} files`).join('; ')}; ${machines} machines, load ${load}`;

/** What nobody needs any more, and is still there. */
function leftIn({ rows, queues, machines }: Sample): string[] {
  const tables = Object.entries(rows).filter(([table, count]) => count > 0 && /\.(orders|releases|kept_room|tunnel_grants)$/.test(table)).map(([table, count]) => `${count} row(s) of ${table}`);
  const jobs = Object.entries(queues).filter(([, count]) => count > 2).map(([queue, count]) => `${count} jobs in ${queue}`);
  return [...tables, ...jobs, ...(machines > 0 ? [`${machines} machine(s)`] : [])];
}

async function soak(federation: TestFederation, folder: string, isOver: AbortSignal): Promise<void> {
  const user = await createSshUser(folder, 'user');
  const write = createSoakWriter(file);
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  write({ type: 'start', at: new Date().toISOString(), minutes, rate, about: { Linux: release(), processors: String(cpus().length), 'memory (GiB)': String(Math.round(totalmem() / 2 ** 30)), Node: process.versions.node } });
  const sampler = createSampler(federation, join(folder, 'probes'), seconds);
  const watching = new AbortController();
  const watched = watch(sampler, write, watching.signal);
  const record = (order: OrderRecord): void => {
    write(order);
    if (order.fault) say(`${(order.seconds / 60).toFixed(0)} min: ${order.fault}`);
  };
  await placeOrders({ federation, user, rate, signal: limitTime(isOver, minutes * 60_000), seconds, record });
  if (!isOver.aborted) await pause(SETTLE_MS);
  watching.abort();
  await watched;
  if (!isOver.aborted) write({ type: 'end', at: new Date().toISOString(), seconds: Math.round(seconds()), left: leftIn(await sampler.look()) });
  await sampler.close();
}

/** Page and picture of what the log has; true when all is flat, and the run long enough to say so. */
function conclude(): boolean {
  const log = readSoakLog(file);
  const verdict = judgeSoak(log);
  const place = values.docs ? join(root, 'docs', 'soak') : file.replace(/\.jsonl$/, '');
  writeFileSync(`${place}.svg`, plotSoak(log));
  writeFileSync(`${place}.md`, reportSoak(log, verdict, `${basename(place)}.svg`));
  say(`${relative(process.cwd(), place)}.md and .svg are written.${verdict.isLongEnough ? '' : ' The run was too short to say anything about an hour.'}`);
  for (const fault of verdict.faults) say(`  ✗ ${fault}`);
  return verdict.isLongEnough && verdict.faults.length === 0;
}

async function run(): Promise<void> {
  rmSync(file, { force: true });
  const probe = `--require ${JSON.stringify(join(root, 'apps', 'e2e', 'src', 'soak', 'heap-probe.cjs'))}`;
  const env: NodeJS.ProcessEnv = { NODE_OPTIONS: [process.env['NODE_OPTIONS'], probe].filter(Boolean).join(' ') };
  const federation = createFederation({ portBase: Number(values['port-base']), args: ['--xmpp', 'prosody'], env });
  const folder = dirname(federation.data);
  env['SOAK_PROBE_FOLDER'] = join(folder, 'probes');
  mkdirSync(env['SOAK_PROBE_FOLDER']);
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  try {
    await federation.start();
    say(`The federation is up; every look is a line of ${file}. Ctrl-C ends the run, with the picture of what there is.`);
    await soak(federation, folder, over.signal);
  } finally {
    await federation.dispose();
  }
}

async function main(): Promise<void> {
  if (values.from === undefined) await run();
  if (!conclude()) process.exitCode = 1;
}

main().then(() => process.exit(), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
