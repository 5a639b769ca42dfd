import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChildServer } from './child-server.js';
import type { ChildServer } from './child-server.js';
import { processesNaming, stopProcess } from './process.js';
import { SetupError } from './setup-error.js';
import { findPrograms, installPackage } from './system-package.js';

/** A Docker Engine of its own, in a folder and a network namespace of its own: nothing of it is left in the host's firewall or routes. */
export interface ContainerEngine {
  /** Path of its Unix socket. */
  readonly socket: string;
  /** The host as containers see it, and the engine's network as the host sees it. */
  readonly hostAddress: string;
  /** Ends the engine and its containers in an orderly way, or with SIGKILL. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again with all that it has. */
  resume(): Promise<void>;
  /** Ends it and forgets everything. */
  dispose(): Promise<void>;
}

const PROGRAMS = { dockerd: 'docker.io', docker: 'docker.io', iptables: 'iptables', ip: 'iproute2', nsenter: 'util-linux' };
const READY_TIMEOUT_MS = 60_000;
/** Inside of the engine's namespace, where nobody else is. */
const BRIDGE = '198.19.0.1/24';

/** One sentence on why no engine can run here; undefined when one can. Missing Debian packages are installed first where that is allowed. */
export function whyNoContainerEngine(install: boolean, log: (line: string) => void): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'A container engine of its own can only be started by root on Linux.';
  const missing = (): string[] => [...new Set(Object.entries(PROGRAMS).filter(([name]) => findPrograms(name).length === 0).map(([, from]) => from))];
  if (install) for (const name of missing()) installPackage(name, log);
  if (missing().length > 0) return `Programs are missing: apt-get install ${missing().join(' ')}.`;
  const name = `fogbow-try-${process.pid}`;
  const fault = faultOf('ip', 'netns', 'add', name);
  spawnSync('ip', ['netns', 'delete', name], { timeout: 10_000 });
  return fault === undefined ? undefined : `Network namespaces cannot be made here: ${fault}.`;
}

/** A network that is there already, in which the engine is one host. */
export interface EngineHost {
  readonly namespace: string;
  readonly hostAddress: string;
  /** More words for dockerd. */
  readonly args?: readonly string[];
}

export async function startContainerEngine(host?: EngineHost): Promise<ContainerEngine> {
  // The path of a Unix socket has at most 107 characters, and those inside are long.
  const folder = mkdtempSync(join(tmpdir(), 'fe-'));
  const place = host ? { ...host, isForeign: true } : makePlace(folder);
  let server: ChildServer | undefined;
  const resume = async (): Promise<void> => { server = await launch(folder, place); };
  const halt = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    if (server && signal === 'SIGKILL') await kill(folder, server);
    else await server?.stop();
    server = undefined;
  };
  const dispose = async (): Promise<void> => {
    await halt();
    await discard(folder, place);
  };
  await resume().catch(async (error: unknown) => { await dispose(); throw error; });
  return { socket: socketOf(folder), hostAddress: place.hostAddress, halt, resume, dispose };
}

const socketOf = (folder: string): string => join(folder, 's');

interface Place extends EngineHost {
  /** Somebody else's, and theirs to remove. */
  readonly isForeign?: boolean;
}

/** A namespace with a way to the host, and through it nowhere else. */
function makePlace(folder: string): Place {
  const mark = randomBytes(4).toString('hex');
  const namespace = `fogbow-${mark}`;
  const [net, base] = [`198.18.${randomInt(256)}`, randomInt(64) * 4];
  const [host, inside] = [`${net}.${base + 1}`, `${net}.${base + 2}`];
  const steps = [
    `netns add ${namespace}`, `link add fe${mark} type veth peer name eth0 netns ${namespace}`, `addr add ${host}/30 dev fe${mark}`, `link set fe${mark} up`,
    `-n ${namespace} addr add ${inside}/30 dev eth0`, `-n ${namespace} link set lo up`, `-n ${namespace} link set eth0 up`, `-n ${namespace} route add default via ${host}`,
  ];
  for (const step of steps) {
    const fault = faultOf('ip', ...step.split(' '));
    if (fault === undefined) continue;
    spawnSync('ip', ['netns', 'delete', namespace], { timeout: 10_000 });
    rmSync(folder, { recursive: true, force: true });
    throw new SetupError(`The network of a container engine cannot be made: ip ${step}: ${fault}.`);
  }
  return { namespace, hostAddress: host };
}

function launch(folder: string, { namespace, args = [] }: Place): Promise<ChildServer> {
  // The host's own settings are for the host's own engine.
  writeFileSync(join(folder, 'daemon.json'), '{}');
  rmSync(join(folder, 'pid'), { force: true });
  const options = ['--config-file', join(folder, 'daemon.json'), '--data-root', join(folder, 'd'), '--exec-root', join(folder, 'x'), '--pidfile', join(folder, 'pid'), '-H', `unix://${socketOf(folder)}`, '--bip', BRIDGE, ...args];
  return startChildServer({
    name: 'The container engine', by: ['nsenter', `--net=/run/netns/${namespace}`], command: findPrograms('dockerd')[0] ?? 'dockerd', args: options,
    logFile: join(folder, 'log'), ready: () => answers(socketOf(folder)), readyTimeoutMs: READY_TIMEOUT_MS, stopSignal: 'SIGTERM',
  });
}

/** The engine listens long before it answers. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy()).once('error', () => resolve(false));
  });
}

/** Its containerd dies with it, and a number that still stands for the dying one would keep the next engine from starting another. */
async function kill(folder: string, { pid }: ChildServer): Promise<void> {
  await stopProcess(pid, { signal: 'SIGKILL' });
  for (const other of processesNaming('containerd', `${folder}/x/containerd/containerd.toml`)) await stopProcess(other, { signal: 'SIGKILL' });
  rmSync(join(folder, 'x', 'containerd', 'containerd.pid'), { force: true });
}

/** Also what an engine that was killed has left: its containers' keepers carry its folder in their command lines. */
async function discard(folder: string, { namespace, isForeign }: Place): Promise<void> {
  for (const pid of processesNaming(`${folder}/`)) await stopProcess(pid, { signal: 'SIGKILL' });
  const mounts = spawnSync('findmnt', ['-rno', 'TARGET'], { encoding: 'utf8', timeout: 10_000 }).stdout.split('\n').filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) spawnSync('umount', ['-l', path], { timeout: 10_000 });
  if (!isForeign) spawnSync('ip', ['netns', 'delete', namespace], { timeout: 10_000 });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** What a program says when it fails. */
function faultOf(program: string, ...args: string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? undefined : error?.message ?? stderr.trim().split('\n')[0];
}
