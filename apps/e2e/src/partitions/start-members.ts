import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrograms, SetupError, startChildServer, startPostgres, startProsody } from '@fogbow/embedded-servers';
import type { ChildServer, PostgresServer } from '@fogbow/embedded-servers';
import { stringify } from 'yaml';
import { awaitEvent } from '../await-event.js';
import { createProcessControl } from '../crash-safety/process-control.js';
import { createSite, queryRows } from '../crash-safety/sites.js';
import { QUICK } from '../crash-safety/start-world.js';
import type { World } from '../crash-safety/start-world.js';
import type { FederationFile, FederationMember, FederationProcess } from '../federation-file.js';
import { isRunning } from '../machines.js';
import type { Endings } from '../run-story.js';
import { createSshUser } from '../ssh.js';
import { cloneRoot } from '../start-federation.js';
import { cloudDirectory, createMember, KEEP_ALIVE, managerConfig, prosodySite, redisConfig, rendezvousConfig, tunnelConfig } from './configure-member.js';
import type { MemberSecrets } from './configure-member.js';
import { createHostDoor } from './host-door.js';
import type { HostDoor } from './host-door.js';
import { addressOf, HOSTS, PORTS } from './layout.js';
import type { Host, Letter } from './layout.js';
import type { Network } from './network.js';

/** Two members on four hosts, and a user on a fifth. */
export interface Members {
  readonly world: World;
  readonly doors: Readonly<Record<Host, HostDoor>>;
  readonly cloudDirectories: readonly string[];
  readonly logs: string;
}

/** Where everything is started, and what ends it. */
export interface Estate {
  readonly folder: string;
  readonly endings: Endings;
}

const PREFIX = 'fogbow-partitions';

/** A folder that also the users of PostgreSQL and Prosody can enter. What runs on a host and is not told here ends with the host. */
export function createEstate(network: Network, endings: Endings): Estate {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}-${process.pid}-`));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  endings.push(() => network.remove());
  chmodSync(folder, 0o711);
  for (const name of ['logs', 'config', 'clouds', 'clouds/a', 'clouds/b', 'redis']) mkdirSync(join(folder, name), { mode: 0o700 });
  return { folder, endings };
}

/** Of earlier runs that were killed; their processes must have ended. */
export function removeAbandonedFolders(): void {
  const owner = (name: string): number => Number(new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1]);
  for (const name of readdirSync(tmpdir()).filter((one) => owner(one) > 0 && !isRunning(owner(one)))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

interface Ground {
  readonly network: Network;
  readonly estate: Estate;
  readonly doors: Readonly<Record<Host, HostDoor>>;
}

const logFile = ({ estate }: Ground, name: string): string => join(estate.folder, 'logs', `${name}.log`);

/** Starts everything on its host, the servers first. `program` is the story's own file, which doors are made of. */
export async function startMembers(network: Network, estate: Estate, program: string): Promise<Members> {
  const doors = Object.fromEntries(HOSTS.map((host) => [host, createHostDoor(network.on(host), program)])) as Record<Host, HostDoor>;
  estate.endings.push(() => HOSTS.forEach((host) => doors[host].close()));
  const ground: Ground = { network, estate, doors };
  const members = [createMember('a'), createMember('b')] as const;
  const [[postgresA, postgresB]] = await Promise.all([Promise.all([startDatabase(ground, 'a'), startDatabase(ground, 'b')]), startProsodies(ground, members), startRedises(ground, members)]);
  const processes = [
    await service(ground, 'int-a', 'rendezvous', 'rendezvous', rendezvousConfig(), PORTS.rendezvous),
    ...(await Promise.all(members.map(async (member) => await memberServices(ground, member, member.letter === 'a' ? postgresA : postgresB)))).flat(),
  ];
  const control = createProcessControl({ processes, environment: (name) => (name.startsWith('manager-') ? { ...QUICK, FOGBOW_XMPP_KEEP_ALIVE: KEEP_ALIVE } : {}), probes: {} });
  estate.endings.push(() => control.kill(...processes.map(({ name }) => name)));
  await Promise.all(processes.filter(({ name }) => !name.startsWith('manager-')).map(({ name }) => control.start(name)));
  await Promise.all(['manager-a', 'manager-b'].map((name) => control.start(name)));
  const owner = await createSshUser(estate.folder, 'owner', network.on('user'));
  const file = async (member: MemberSecrets, postgres: Database): Promise<FederationFile> => ({
    running: true, startedAt: '', launcherPid: process.pid, processes, members: [await describe(ground, member)], postgres: { url: postgres.seenFromHere }, redis: { url: '', kind: 'redis' },
  });
  const [home, abroad] = [createSite(await file(members[0], postgresA), 'a'), createSite(await file(members[1], postgresB), 'b')];
  return {
    world: { home, abroad, control, tunnels: true, owner, redisUrl: '', postgresUrl: postgresA.seenFromHere }, doors,
    cloudDirectories: (['a', 'b'] as const).map((letter) => cloudDirectory(estate.folder, letter)), logs: join(estate.folder, 'logs'),
  };
}

interface Database {
  readonly url: string;
  readonly seenFromHere: string;
}

async function startDatabase(ground: Ground, letter: Letter): Promise<Database> {
  const { estate, network, doors } = ground;
  const name = `postgres-${letter}`;
  const server: PostgresServer = await startPostgres({ directory: join(estate.folder, name), durable: false, logFile: logFile(ground, name), log: () => undefined, by: network.on(`int-${letter}`) });
  // It would leave shared memory behind if it ended with its host.
  estate.endings.push(async () => { await server.stop(); server.wipe(); });
  const here = new URL(server.url('postgres'));
  here.port = String(await doors[`int-${letter}`].open(server.port));
  await awaitEvent(`${name} answers`, async () => { await queryRows(here.href, 'select 1'); return true; }, { timeoutMs: 20_000 });
  await queryRows(here.href, `create database fogbow_${letter}`);
  return { url: server.url(`fogbow_${letter}`), seenFromHere: here.href };
}

/** One after the other: the first makes the certificates of both. */
async function startProsodies(ground: Ground, members: readonly MemberSecrets[]): Promise<void> {
  const sites = members.map(prosodySite);
  for (const { letter } of members) {
    const domain = sites.find((site) => site.domain.startsWith(`${letter}.`))?.domain ?? '';
    await startProsody({
      directory: join(ground.estate.folder, 'prosody'), sites, domain, install: false, logFile: logFile(ground, `prosody-${letter}`), log: () => undefined, by: ground.network.on(`ext-${letter}`),
    });
  }
}

/** Of each member one inside, for its queues, and one outside, beside the tunnel. */
async function startRedises(ground: Ground, members: readonly MemberSecrets[]): Promise<void> {
  await Promise.all(members.flatMap((member) => [
    startRedisOn(ground, `int-${member.letter}`, '127.0.0.1'), startRedisOn(ground, `ext-${member.letter}`, addressOf(`ext-${member.letter}`, 'inside'), member.tunnelRedis),
  ]));
}

async function startRedisOn(ground: Ground, host: Host, bind: string, password?: string): Promise<ChildServer> {
  const [folder, name] = [join(ground.estate.folder, 'redis'), `redis-${host}`];
  const [command, file] = [['redis-server', 'valkey-server'].flatMap(findPrograms)[0], join(folder, `${host}.conf`)];
  if (command === undefined) throw new SetupError('There is no redis-server.');
  writeFileSync(file, redisConfig(bind, folder, password), { mode: 0o600 });
  return await startChildServer({
    name, command, args: [file], by: ground.network.on(host), logFile: logFile(ground, name), readyTimeoutMs: 20_000, stopSignal: 'SIGTERM',
    ready: async () => await ground.doors[host].probe(bind, PORTS.redis) === 'open',
  });
}

async function memberServices(ground: Ground, member: MemberSecrets, { url }: Database): Promise<FederationProcess[]> {
  const { letter } = member;
  const machineProgram = join(cloneRoot(), 'dist', 'libs', 'plugins', 'cloud-local', 'machine', 'main.js');
  return [
    await service(ground, `ext-${letter}`, `tunnel-${letter}`, 'reverse-tunnel', tunnelConfig(member, ground.estate.folder), PORTS.tunnelHttp),
    await service(ground, `int-${letter}`, `manager-${letter}`, 'manager', managerConfig(member, ground.estate.folder, { databaseUrl: url, machineProgram }), PORTS.manager),
  ];
}

/** Not started yet: 0 is no process. */
async function service(ground: Ground, host: Host, name: string, app: string, config: object, port: number): Promise<FederationProcess> {
  const configFile = join(ground.estate.folder, 'config', `${name}.yaml`);
  writeFileSync(configFile, stringify(config), { mode: 0o600 });
  const [command = '', ...words] = ground.network.on(host);
  return {
    name, pid: 0, logFile: logFile(ground, name), configFile, command, args: [...words, process.execPath, join(cloneRoot(), 'dist', 'apps', app, 'main.js'), '--config', configFile],
    healthUrl: `http://127.0.0.1:${await ground.doors[host].open(port)}/health/ready`,
  };
}

/** The member as one sees it who is on none of the hosts. */
async function describe({ doors, estate }: Ground, { letter, id, token }: MemberSecrets): Promise<FederationMember> {
  const [inside, outside] = [`int-${letter}`, `ext-${letter}`] as const;
  return {
    id, name: letter, managerUrl: `http://127.0.0.1:${await doors[inside].open(PORTS.manager)}`, users: [{ name: `user-${letter}`, token }],
    tunnel: {
      host: addressOf(outside, 'users'), sshPort: PORTS.tunnelSsh, portsFrom: PORTS.publicFrom, portsTo: PORTS.publicTo, httpUrl: `http://127.0.0.1:${await doors[outside].open(PORTS.tunnelHttp)}`,
    },
    xmpp: { jid: id, host: addressOf(outside, 'inside'), port: PORTS.component }, cloud: { plugin: 'cloud-local', directory: cloudDirectory(estate.folder, letter) },
  };
}
