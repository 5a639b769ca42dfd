import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, startPostgres, startRedis } from '@fogbow/embedded-servers';
import type { PostgresServer, ProsodyServer, RedisServer } from '@fogbow/embedded-servers';
import { parse, stringify } from 'yaml';
import { awaitAcquaintance } from './await-acquaintance.js';
import { configureServices } from './configure-services.js';
import type { CloudFile, ServicePlan } from './configure-services.js';
import { logFile } from './data-folder.js';
import { describeMembers } from './describe-federation.js';
import { writeFederation } from './federation-file.js';
import type { FederationFile, FederationProcess } from './federation-file.js';
import { usesProsody } from './plan-federation.js';
import type { FederationPlan } from './plan-federation.js';
import { prepareDatabases } from './prepare-databases.js';
import { prosodyName, prosodyStarters } from './prosody-sites.js';
import { runService } from './run-service.js';
import { createSecrets } from './secrets.js';
import type { Secrets } from './secrets.js';
import { createSupervisor } from './supervise.js';
import type { Supervisor } from './supervise.js';
import { writeAtomically } from './write-atomically.js';

export interface BringUpOptions {
  readonly plan: FederationPlan;
  readonly root: string;
  /** Whether a missing Redis may be installed. */
  readonly install: boolean;
  /** Whether what dies is started again. */
  readonly restart: boolean;
  /** Gives up the start. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A federation that is coming up or runs; what it has started so far is always known to its supervisor. */
export interface Federation {
  readonly supervisor: Supervisor;
  readonly services: readonly ServicePlan[];
  /** Names of the XMPP servers; none with our own router. */
  readonly prosodies: readonly string[];
  /** Writes federation.json as things are now. */
  record(running: boolean): FederationFile;
  /** Starts everything, in order; rejects with a sentence, and then what was started must be stopped. */
  bringUp(): Promise<void>;
}

interface Servers {
  postgres?: PostgresServer;
  redis?: RedisServer;
  /** By the name of the process; none with our own router. */
  readonly prosody: Map<string, ProsodyServer>;
}

export function createFederation(options: BringUpOptions): Federation {
  const { plan, say } = options;
  const servers: Servers = { prosody: new Map() };
  const services: ServicePlan[] = [];
  const secrets = createSecrets(join(plan.data, 'secrets'));
  const startedAt = new Date().toISOString();
  let running = false;
  const record = (now: boolean): FederationFile => {
    running = now;
    const file = { running, startedAt, launcherPid: process.pid, members: describeMembers(plan, secrets), ...serverAddresses(servers), processes: processes(plan, servers, services, supervisor) };
    writeFederation(plan.data, file);
    return file;
  };
  const supervisor = createSupervisor({ restart: options.restart, say, onChange: () => void record(running) });
  const bringUp = async (): Promise<void> => {
    await startServers(options, servers, supervisor);
    await startProsodies(options, servers, secrets, supervisor);
    services.push(...configure(options, servers, secrets));
    for (const stage of ['router', 'rendezvous', 'edge', 'manager'] as const) await startStage(options, services.filter((service) => service.stage === stage), supervisor);
    options.signal.throwIfAborted();
    if (!(await awaitAcquaintance(describeMembers(plan, secrets), options.signal))) say('The members do not know each other yet; orders stay at home until they do');
    options.signal.throwIfAborted();
  };
  return { supervisor, services, prosodies: usesProsody(plan) ? plan.members.map(({ letter }) => prosodyName(letter)) : [], record, bringUp };
}

async function startServers({ plan, install, say, signal }: BringUpOptions, servers: Servers, supervisor: Supervisor): Promise<void> {
  const common = { durable: true, log: say };
  await timed(say, 'PostgreSQL and Redis', () => both(
    supervisor.start({ name: 'postgres', start: async () => (servers.postgres = await startPostgres({ ...common, directory: join(plan.data, 'postgres'), port: plan.ports.postgres, logFile: logFile(plan.data, 'postgres') })) }),
    supervisor.start({ name: 'redis', start: async () => (servers.redis = await startRedis({ ...common, directory: join(plan.data, 'redis'), port: plan.ports.redis, install, logFile: logFile(plan.data, 'redis') })) }),
  ));
  signal.throwIfAborted();
  await prepareDatabases(existing(servers.postgres).url('postgres'), plan.members.map((member) => member.database));
}

/** The first alone: it may have to install the program, and makes the certificates of all. */
async function startProsodies(options: BringUpOptions, servers: Servers, secrets: Secrets, supervisor: Supervisor): Promise<void> {
  if (!usesProsody(options.plan)) return;
  options.signal.throwIfAborted();
  const [first, ...others] = prosodyStarters(options.plan, secrets, options).map(({ name, start }) => () => supervisor.start({
    name, start: async () => { const server = await start(); servers.prosody.set(name, server); return server; },
  }));
  await timed(options.say, 'Prosody of each member', async () => {
    await first?.();
    await both(...others.map((start) => start()));
  });
}

/** Waits for all even when one fails: a start in progress must not be left behind unnoticed. */
async function both(...starts: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function existing<Server>(server: Server | undefined): Server {
  if (server === undefined) throw new Error('A server was asked for before it was started.');
  return server;
}

function configure({ plan, root }: BringUpOptions, servers: Servers, secrets: Secrets): ServicePlan[] {
  const { services, files } = configureServices(plan, {
    root, secrets, redisUrl: existing(servers.redis).url,
    databaseUrl: (database) => existing(servers.postgres).url(database),
    cloudFile: readCloudFile,
  });
  for (const { path, content } of files) writeAtomically(path, stringify(content));
  for (const member of plan.members) mkdirSync(member.cloudDirectory, { recursive: true, mode: 0o700 });
  return services;
}

function readCloudFile(path: string): CloudFile {
  try {
    return (parse(readFileSync(path, 'utf8')) ?? {}) as CloudFile;
  } catch (error) {
    throw new SetupError(`The cloud file ${path} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
}

async function startStage({ plan, say, signal }: BringUpOptions, stage: readonly ServicePlan[], supervisor: Supervisor): Promise<void> {
  signal.throwIfAborted();
  if (stage.length === 0) return;
  await timed(say, stage.map((service) => service.name).join(', '), () => both(...stage.map((service) =>
    supervisor.start({ name: service.name, start: () => runService(service, logFile(plan.data, service.name), signal) }))));
}

async function timed(say: (line: string) => void, what: string, action: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await action();
  say(`${what}: ready (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}

function serverAddresses({ postgres, redis }: Servers): Pick<FederationFile, 'postgres' | 'redis'> {
  return { postgres: { url: postgres?.url('postgres') ?? '' }, redis: { url: redis?.url ?? '', kind: redis?.kind ?? '' } };
}

function processes(plan: FederationPlan, { postgres, redis, prosody }: Servers, services: readonly ServicePlan[], supervisor: Supervisor): FederationProcess[] {
  const planned: Omit<FederationProcess, 'pid' | 'logFile'>[] = [
    ...(postgres ? [{ name: 'postgres', command: postgres.command, args: postgres.args, ...(postgres.uid === undefined ? {} : { uid: postgres.uid, gid: postgres.gid as number }) }] : []),
    ...(redis ? [{ name: 'redis', command: redis.command, args: redis.args }] : []),
    ...[...prosody].map(([name, { command, args, uid, gid }]) => ({ name, command, args, ...(uid === undefined ? {} : { uid, gid: gid as number }) })),
    ...services.map(({ name, program, args, configFile, health }) => ({ name, command: process.execPath, args: [program, ...args], healthUrl: health, ...(configFile ? { configFile } : {}) })),
  ];
  return planned.flatMap((one) => {
    const pid = supervisor.pidOf(one.name);
    return pid === undefined ? [] : [{ ...one, pid, logFile: logFile(plan.data, one.name) }];
  });
}
