import { spawn } from 'node:child_process';
import { awaitEvent } from '../await-event.js';
import { isRunning } from '../machines.js';
import { CABLES, cable, dropTable, HOSTS, wallOf } from './layout.js';
import type { Cable, CableEnd, Host, Leg } from './layout.js';

/** Hosts that share this machine's files and processes, but no network. */
export interface Network {
  /** Makes hosts, cables and walls; first removes the hosts of an earlier run that was killed. */
  make(): Promise<void>;
  /** Words by which a program runs on the host. */
  on(host: Host): readonly string[];
  /** From now on nothing arrives at either end: no error, no answer, no end of a connection. */
  cut(leg: Leg): Promise<void>;
  /** The leg is as it was, whatever was done to it. */
  heal(leg: Leg): Promise<void>;
  /** Delays and drops packets both ways; returns in words how. */
  worsen(leg: Leg): Promise<string>;
  /** How many packets a bad line has lost. */
  lost(leg: Leg): Promise<number>;
  /** How many connections were begun towards an inside, or what else knocked there. */
  inward(): Promise<number>;
  /** Ends all that runs on the hosts, and the hosts. Safe at any moment, also in the middle of the making, which then fails. */
  remove(): Promise<void>;
}

const PREFIX = 'fogbow';
const nameOf = (host: Host, pid = process.pid): string => `${PREFIX}-${pid}-${host}`;

/** A connection with something unsent dies after some 3 s (0.2 + 0.4 + 0.8 + 1.6), which elsewhere takes a quarter of an hour: a short cut does what a long one does. */
const DEAD_AFTER_RETRIES = 2;
const KERNEL = ['net.ipv4.ip_forward=0', 'net.ipv4.conf.all.forwarding=0', `net.ipv4.tcp_retries2=${DEAD_AFTER_RETRIES}`, 'net.ipv4.tcp_syn_retries=2'];

/** There is nothing until `make`. */
export function createNetwork(): Network {
  let making: Promise<void> = Promise.resolve();
  const end = new AbortController();
  const steps = [removeAbandoned, ...HOSTS.map((host) => () => makeHost(host)), ...CABLES.map((one) => () => lay(one)), ...HOSTS.map((host) => () => raiseWall(host))];
  const make = async (): Promise<void> => {
    for (const step of steps) {
      end.signal.throwIfAborted();
      await step();
    }
  };
  const heal = (leg: Leg): Promise<void> => atBothEnds(cable(leg), restore);
  return {
    make: () => (making = make()),
    on: (host) => ['ip', 'netns', 'exec', nameOf(host)],
    cut: (leg) => atBothEnds(cable(leg), ({ host, device }) => nft(host, dropTable('cut', device))),
    heal, worsen: async (leg) => { await heal(leg); return await worsen(cable(leg)); },
    lost: async (leg) => (await Promise.all(cable(leg).ends.map(countLost))).reduce((sum, one) => sum + one, 0),
    inward: async () => (await Promise.all(HOSTS.map(countInward))).reduce((sum, one) => sum + one, 0),
    async remove() {
      end.abort();
      await making.catch(() => undefined);
      await removeHosts(HOSTS.map((host) => nameOf(host)));
    },
  };
}

async function makeHost(host: Host): Promise<void> {
  await run(['ip', 'netns', 'add', nameOf(host)]);
  await inside(host, ['ip', 'link', 'set', 'lo', 'up']);
  await inside(host, ['sysctl', '-qw', ...KERNEL]);
  // Absent where the kernel knows no IPv6.
  await inside(host, ['sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']).catch(() => undefined);
}

async function lay({ ends: [one, other] }: Cable): Promise<void> {
  await run(['ip', 'link', 'add', 'name', one.device, 'netns', nameOf(one.host), 'type', 'veth', 'peer', 'name', other.device, 'netns', nameOf(other.host)]);
  for (const { host, device, address } of [one, other]) {
    await inside(host, ['ip', 'address', 'add', `${address}/30`, 'dev', device]);
    await inside(host, ['ip', 'link', 'set', device, 'up']);
  }
  // The inside sends everything out, so what keeps the insides apart is that nothing outside passes it on.
  for (const [from, gateway] of [[one, other], [other, one]] as const) {
    if (from.host.startsWith('int')) await inside(from.host, ['ip', 'route', 'add', 'default', 'via', gateway.address]);
  }
}

async function raiseWall(host: Host): Promise<void> {
  const wall = wallOf(host);
  if (wall !== undefined) await nft(host, wall);
}

async function countInward(host: Host): Promise<number> {
  if (wallOf(host) === undefined) return 0;
  const { nftables } = JSON.parse(await inside(host, ['nft', '-j', 'list', 'counter', 'inet', 'wall', 'inward'])) as { nftables: { counter?: { packets: number } }[] };
  return nftables.reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
}

/** By `tc netem`, or by our table. */
async function countLost({ host, device }: CableEnd): Promise<number> {
  const qdiscs = JSON.parse(await inside(host, ['tc', '-s', '-j', 'qdisc', 'show', 'dev', device])) as { drops?: number }[];
  const table = await inside(host, ['nft', '-j', 'list', 'table', 'inet', 'loss']).catch(() => '{"nftables":[]}');
  const { nftables } = JSON.parse(table) as { nftables: { rule?: { expr: { counter?: { packets: number } }[] } }[] };
  const dropped = nftables.flatMap(({ rule }) => rule?.expr ?? []).map(({ counter }) => counter?.packets ?? 0);
  return [...qdiscs.map(({ drops }) => drops ?? 0), ...dropped].reduce((sum, one) => sum + one, 0);
}

const DROP_PERCENT = 5;

/** `tc netem` where the kernel has it. Elsewhere nft drops the packets and a slow line (tbf) holds them up. */
async function worsen(one: Cable): Promise<string> {
  const shape = (...words: string[]): Promise<void> => atBothEnds(one, ({ host, device }) => inside(host, ['tc', 'qdisc', 'replace', 'dev', device, 'root', ...words]));
  const lossy = `${DROP_PERCENT} % of the packets dropped`;
  try {
    await shape('netem', 'delay', '50ms', '20ms', 'loss', `${DROP_PERCENT}%`);
    return `tc netem: 50 ms ± 20 ms, ${lossy}`;
  } catch (error) {
    if (!String(error).includes('qdisc kind is unknown')) throw error;
  }
  await atBothEnds(one, ({ host, device }) => nft(host, dropTable('loss', device, DROP_PERCENT)));
  await shape('tbf', 'rate', '64kbit', 'burst', '1600', 'limit', '200000');
  return `this kernel has no netem; instead a line of 64 kbit/s (tc tbf), ${lossy} (nft)`;
}

async function restore({ host, device }: CableEnd): Promise<void> {
  for (const table of ['cut', 'loss']) await inside(host, ['nft', 'delete', 'table', 'inet', table]).catch(onlyIf('No such file or directory'));
  await inside(host, ['tc', 'qdisc', 'delete', 'dev', device, 'root']).catch(onlyIf('Cannot delete qdisc with handle of zero', 'No such file or directory'));
}

/** Removing what is not there is fine; other faults are not. */
const onlyIf = (...words: string[]) => (error: unknown): void => {
  if (!words.some((one) => String(error).includes(one))) throw error;
};

async function atBothEnds({ ends }: Cable, action: (end: CableEnd) => Promise<unknown>): Promise<void> {
  await Promise.all(ends.map(action));
}

/** Hosts carry the number of the run that made them; those of a run that lives are left alone. */
async function removeAbandoned(): Promise<void> {
  const names = (await run(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  const owner = (name: string): number => Number(new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1]);
  // Another run may be doing the same at this moment.
  await removeHosts(names.filter((name) => owner(name) > 0 && !isRunning(owner(name)))).catch(() => undefined);
}

async function removeHosts(names: readonly string[]): Promise<void> {
  const there = new Set((await run(['ip', 'netns', 'list'])).split('\n').map((line) => line.split(' ')[0]));
  for (const name of names.filter((one) => there.has(one))) {
    await awaitEvent(`nothing runs in ${name}`, async () => await killAllIn(name) === 0, { timeoutMs: 10_000, everyMs: 20 });
    await run(['ip', 'netns', 'delete', name]);
  }
}

async function killAllIn(name: string): Promise<number> {
  const pids = (await run(['ip', 'netns', 'pids', name])).split('\n').filter(Boolean).map(Number).filter(isRunning);
  for (const pid of pids) {
    try { process.kill(pid, 'SIGKILL'); } catch { /* it ended by itself */ }
  }
  return pids.length;
}

const inside = (host: Host, command: readonly string[], input = ''): Promise<string> => run(['ip', 'netns', 'exec', nameOf(host), ...command], input);
const nft = (host: Host, rules: string): Promise<string> => inside(host, ['nft', '-f', '-'], rules);

const TIMEOUT_MS = 10_000;

/** In a group of its own: a Ctrl-C must not cut a clean-up short. */
function run([command = '', ...args]: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { detached: true, timeout: TIMEOUT_MS, env: { ...process.env, LC_ALL: 'C' } });
  let [out, complaint] = ['', ''];
  child.stdout.on('error', () => undefined).on('data', (bytes: Buffer) => { out += String(bytes); });
  child.stderr.on('error', () => undefined).on('data', (bytes: Buffer) => { complaint += String(bytes); });
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => (code === 0 ? resolve(out) : reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${complaint.trim()}`))));
  });
}
