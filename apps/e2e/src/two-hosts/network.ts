import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChildServer } from '@fogbow/embedded-servers';
import { awaitEvent } from '../await-event.js';
import { isRunning } from '../machines.js';
import { HOSTS, NAME_SERVER, PLUGS, SWITCHES } from './layout.js';
import type { Host, Switch } from './layout.js';

/** Hosts that share this machine's files, processes and kernel, but no network. */
export interface Network {
  make(): Promise<void>;
  namespaceOf(host: Host): string;
  /** Words by which a program runs on the host. */
  on(host: Host): readonly string[];
  /** Puts the rules of an operator's file in force. */
  raiseWall(host: Host, file: string): Promise<void>;
  /** Packets that a rule with this counter has met. */
  counted(host: Host, counter: 'refused' | 'inward'): Promise<number>;
  /** Tells the records of zone files to whoever asks on the Internet. */
  tellNames(zones: readonly string[], folder: string): Promise<void>;
  /** Nothing passes between the two from now on, in either direction, not even what is under way. */
  cut(host: Host, other: Host): Promise<void>;
  heal(host: Host, other: Host): Promise<void>;
  remove(): Promise<void>;
}

const PREFIX = 'fogbow-2h';
const nameOf = (place: Host | Switch, pid = process.pid): string => `${PREFIX}-${pid}-${place}`;

export function createNetwork(): Network {
  let nameServer: { stop(): Promise<void> } | undefined;
  return {
    async make() {
      await removeAbandoned();
      for (const place of [...SWITCHES, ...HOSTS]) await makePlace(place);
      for (const one of SWITCHES) await inside(one, 'ip', 'link', 'add', 'switch', 'type', 'bridge').then(() => inside(one, 'ip', 'link', 'set', 'switch', 'up'));
      for (const [index, plug] of PLUGS.entries()) {
        await run('ip', 'link', 'add', 'name', plug.device, 'netns', nameOf(plug.host), 'type', 'veth', 'peer', 'name', `port${index}`, 'netns', nameOf(plug.into));
        await inside(plug.into, 'ip', 'link', 'set', `port${index}`, 'master', 'switch', 'up');
        await inside(plug.host, 'ip', 'address', 'add', `${plug.address}/24`, 'dev', plug.device);
        await inside(plug.host, 'ip', 'link', 'set', plug.device, 'up');
      }
      await inside('internet', 'ip', 'address', 'add', `${NAME_SERVER}/24`, 'dev', 'switch');
      mkdirSync(resolverFolder('user'), { recursive: true });
      writeFileSync(join(resolverFolder('user'), 'resolv.conf'), `nameserver ${NAME_SERVER}\n`);
    },
    namespaceOf: (host) => nameOf(host),
    on: (host) => ['ip', 'netns', 'exec', nameOf(host)],
    raiseWall: async (host, file) => void await inside(host, 'nft', '-f', file),
    async counted(host, counter) {
      const { nftables } = JSON.parse(await inside(host, 'nft', '-j', 'list', 'counter', 'inet', 'fogbow', counter)) as { nftables: { counter?: { packets: number } }[] };
      return nftables.reduce((sum, one) => sum + (one.counter?.packets ?? 0), 0);
    },
    async tellNames(zones, folder) {
      const file = join(folder, 'dnsmasq.conf');
      writeFileSync(file, ['no-resolv', 'no-hosts', 'keep-in-foreground', `listen-address=${NAME_SERVER}`, 'bind-interfaces', 'user=root', ...zones.flatMap((zone) => recordsOf(readFileSync(zone, 'utf8')))].join('\n'));
      nameServer = await startChildServer({
        name: 'dnsmasq', command: 'dnsmasq', args: ['-C', file], by: ['ip', 'netns', 'exec', nameOf('internet')], logFile: join(folder, 'dnsmasq.log'), readyTimeoutMs: 10_000, stopSignal: 'SIGTERM',
        ready: async () => (await inside('internet', 'cat', '/proc/net/udp')).includes(':0035 '),
      });
    },
    async cut(host, other) {
      const addresses = PLUGS.filter((plug) => plug.host === other).map(({ address }) => address).join(', ');
      // Before anything that an engine does, and after it.
      await inside(host, 'nft', `table inet ${cutName(other)} { chain arriving { type filter hook prerouting priority -400; ip saddr { ${addresses} } drop; }; chain leaving { type filter hook postrouting priority 400; ip daddr { ${addresses} } drop; }; }`);
    },
    heal: async (host, other) => void await inside(host, 'nft', 'delete', 'table', 'inet', cutName(other)),
    async remove() {
      await nameServer?.stop();
      await removePlaces([...HOSTS, ...SWITCHES].map((place) => nameOf(place)));
      rmSync(resolverFolder('user'), { recursive: true, force: true });
    },
  };
}

const cutName = (other: Host): string => `cut-${other}`;

/** What `ip netns exec` shows its programs for /etc. */
const resolverFolder = (host: Host): string => join('/etc/netns', nameOf(host));

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

async function makePlace(place: Host | Switch): Promise<void> {
  await run('ip', 'netns', 'add', nameOf(place));
  await inside(place, 'ip', 'link', 'set', 'lo', 'up');
  // Absent where the kernel knows no IPv6. The hosts' engines turn forwarding on, as engines do.
  await inside(place, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1').catch(() => undefined);
}

/** Hosts carry the number of the run that made them; those of a run that lives are left alone. */
async function removeAbandoned(): Promise<void> {
  const names = (await run('ip', 'netns', 'list')).split('\n').map((line) => line.split(' ')[0] ?? '');
  const owner = (name: string): number => Number(new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1]);
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

const inside = (place: Host | Switch, ...command: string[]): Promise<string> => run('ip', 'netns', 'exec', nameOf(place), ...command);

async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { timeout: 15_000, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return stdout;
}
