import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChildServer } from '@fogbow/embedded-servers';
import type { ChildServer } from '@fogbow/embedded-servers';
import { awaitEvent } from '../await-event.js';
import { isRunning } from '../machines.js';
import type { Host, Layout } from './layout.js';

/** Hosts that share this machine's files, processes and kernel, but no network. */
export interface Network<H extends string = Host> {
  make(): Promise<void>;
  namespaceOf(host: H): string;
  /** Words by which a program runs on the host. */
  on(host: H): readonly string[];
  /** Whom programs that run on the host by {@link on} ask for names. */
  resolve(host: H, nameServer: string): void;
  /** Puts the rules of an operator's file in force. */
  raiseWall(host: H, file: string): Promise<void>;
  /** Packets that a rule with this counter has met. */
  counted(host: H, counter: 'refused' | 'inward'): Promise<number>;
  /** Tells the records of zone files to whoever asks where names are told. */
  tellNames(zones: readonly string[], folder: string): Promise<void>;
  /** Nothing passes between the two from now on, in either direction, not even what is under way. */
  cut(host: H, other: H): Promise<void>;
  heal(host: H, other: H): Promise<void>;
  remove(): Promise<void>;
}

export function createNetwork<H extends string, S extends string>({ prefix, hosts, switches, plugs }: Layout<H, S>): Network<H> {
  const nameOf = (place: H | S): string => `${prefix}-${process.pid}-${place}`;
  const inside = (place: H | S, ...command: string[]): Promise<string> => run('ip', 'netns', 'exec', nameOf(place), ...command);
  const places = Object.keys(switches) as S[];
  const tellers = places.flatMap((place) => (switches[place].nameServer === undefined ? [] : [{ place, address: switches[place].nameServer }]));
  const nameServers: ChildServer[] = [];
  return {
    async make() {
      await removeAbandoned(prefix);
      for (const place of [...places, ...hosts]) await makePlace(nameOf(place));
      for (const one of places) await inside(one, 'ip', 'link', 'add', 'switch', 'type', 'bridge').then(() => inside(one, 'ip', 'link', 'set', 'switch', 'up'));
      for (const [index, { host, into, device, address, mask = 24 }] of plugs.entries()) {
        await run('ip', 'link', 'add', 'name', device, 'netns', nameOf(host), 'type', 'veth', 'peer', 'name', `port${index}`, 'netns', nameOf(into));
        await inside(into, 'ip', 'link', 'set', `port${index}`, 'master', 'switch', 'up');
        await inside(host, 'ip', 'address', 'add', `${address}/${mask}`, 'dev', device);
        await inside(host, 'ip', 'link', 'set', device, 'up');
      }
      for (const { place, address } of tellers) await inside(place, 'ip', 'address', 'add', address, 'dev', 'switch');
    },
    namespaceOf: nameOf,
    on: (host) => ['ip', 'netns', 'exec', nameOf(host)],
    resolve(host, nameServer) {
      mkdirSync(resolverFolder(nameOf(host)), { recursive: true });
      writeFileSync(join(resolverFolder(nameOf(host)), 'resolv.conf'), `nameserver ${nameServer}\n`);
    },
    raiseWall: async (host, file) => void await inside(host, 'nft', '-f', file),
    async counted(host, counter) {
      const { nftables } = JSON.parse(await inside(host, 'nft', '-j', 'list', 'counter', 'inet', 'fogbow', counter)) as { nftables: { counter?: { packets: number } }[] };
      return nftables.reduce((sum, one) => sum + (one.counter?.packets ?? 0), 0);
    },
    async tellNames(zones, folder) {
      const records = zones.flatMap((zone) => recordsOf(readFileSync(zone, 'utf8')));
      for (const { place, address } of tellers) nameServers.push(await tellNames(nameOf(place), address.replace(/\/.*/, ''), records, folder));
    },
    async cut(host, other) {
      const addresses = plugs.filter((plug) => plug.host === other).map(({ address }) => address).join(', ');
      // Before anything that an engine does, and after it.
      await inside(host, 'nft', `table inet ${cutName(other)} { chain arriving { type filter hook prerouting priority -400; ip saddr { ${addresses} } drop; }; chain leaving { type filter hook postrouting priority 400; ip daddr { ${addresses} } drop; }; }`);
    },
    heal: async (host, other) => void await inside(host, 'nft', 'delete', 'table', 'inet', cutName(other)),
    async remove() {
      for (const server of nameServers.splice(0)) await server.stop();
      await removePlaces([...hosts, ...places].map(nameOf));
      for (const host of hosts) rmSync(resolverFolder(nameOf(host)), { recursive: true, force: true });
    },
  };
}

const cutName = (other: string): string => `cut-${other}`;

async function tellNames(namespace: string, address: string, records: readonly string[], folder: string): Promise<ChildServer> {
  const file = join(folder, `${namespace}.conf`);
  writeFileSync(file, ['no-resolv', 'no-hosts', 'keep-in-foreground', `listen-address=${address}`, 'bind-interfaces', 'user=root', ...records].join('\n'));
  return await startChildServer({
    name: 'dnsmasq', command: 'dnsmasq', args: ['-C', file], by: ['ip', 'netns', 'exec', namespace], logFile: join(folder, `${namespace}.log`), readyTimeoutMs: 10_000, stopSignal: 'SIGTERM',
    ready: async () => (await run('ip', 'netns', 'exec', namespace, 'cat', '/proc/net/udp')).includes(':0035 '),
  });
}

/** What `ip netns exec` shows its programs for /etc. */
const resolverFolder = (namespace: string): string => join('/etc/netns', namespace);

/** Each record of a zone as dnsmasq says it. */
export function recordsOf(zone: string): string[] {
  return zone.split('\n').filter((line) => line !== '' && !line.startsWith(';')).map((line) => {
    const [name = '', , , type = '', ...value] = line.split(/\s+/);
    const bare = (text = ''): string => text.replace(/\.$/, '');
    if (type === 'A' || type === 'AAAA') return `host-record=${bare(name)},${value[0]}`;
    if (type === 'SRV') return `srv-host=${bare(name)},${bare(value[3])},${value[2]},${value[0]},${value[1]}`;
    throw new Error(`The zone has a record that is not understood: ${line}`);
  });
}

async function makePlace(namespace: string): Promise<void> {
  await run('ip', 'netns', 'add', namespace);
  await run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  // Absent where the kernel knows no IPv6. The hosts' engines turn forwarding on, as engines do.
  await run('ip', 'netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1').catch(() => undefined);
}

/** Hosts carry the number of the run that made them; those of a run that lives are left alone. */
async function removeAbandoned(prefix: string): Promise<void> {
  const names = (await run('ip', 'netns', 'list')).split('\n').map((line) => line.split(' ')[0] ?? '');
  const owner = (name: string): number => Number(new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1]);
  const abandoned = names.filter((name) => owner(name) > 0 && !isRunning(owner(name)));
  await removePlaces(abandoned).catch(() => undefined);
  for (const name of abandoned) rmSync(join('/etc/netns', name), { recursive: true, force: true });
}

async function removePlaces(names: readonly string[]): Promise<void> {
  const there = new Set((await run('ip', 'netns', 'list')).split('\n').map((line) => line.split(' ')[0]));
  for (const name of names.filter((one) => there.has(one))) {
    await awaitEvent(`nothing runs in ${name}`, async () => await killAllIn(name) === 0, { timeoutMs: 20_000, everyMs: 50 });
    await run('ip', 'netns', 'delete', name);
  }
}

async function killAllIn(name: string): Promise<number> {
  const pids = (await run('ip', 'netns', 'pids', name)).split('\n').filter(Boolean).map(Number).filter(isRunning);
  for (const pid of pids) {
    try { process.kill(pid, 'SIGKILL'); } catch { /* it ended by itself */ }
  }
  return pids.length;
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { timeout: 15_000, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return stdout;
}
