import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { awaitEvent } from '../await-event.js';
import type { FederationProcess } from '../federation-file.js';
import { isRunning } from '../machines.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The processes of a federation whose launcher leaves the dead dead: killed and started again exactly as they were. */
export interface ProcessControl {
  /** Resolves when it is gone; fine when it was gone before. */
  kill(...names: string[]): Promise<void>;
  /** Resolves when it is healthy; `env` is added to its environment. */
  start(name: string, env?: NodeJS.ProcessEnv): Promise<void>;
  restart(name: string, env?: NodeJS.ProcessEnv): Promise<void>;
  /** How the present process ended, which we started; rejects when it lives on for too long. */
  ending(name: string, timeoutMs: number): Promise<Ending>;
  /** Stops it from running without ending it: what it is sent waits in its sockets and dies with it. */
  freeze(name: string): void;
  thaw(name: string): void;
  /** Everything runs again that should, whatever a scenario that failed has left behind. */
  reviveAll(): Promise<void>;
  logOf(name: string): string;
}

export interface ControlOptions {
  readonly processes: readonly FederationProcess[];
  /** Settings of a process besides its file. */
  environment(name: string): NodeJS.ProcessEnv;
  /** For processes without a health page: resolves when it answers. */
  readonly probes: Readonly<Record<string, () => Promise<void>>>;
}

const GONE_MS = 10_000;
const HEALTHY_MS = 30_000;

interface Controlled {
  readonly known: FederationProcess;
  pid: number;
  child?: ChildProcess;
}

export function createProcessControl(options: ControlOptions): ProcessControl {
  const all = new Map(options.processes.map((known): [string, Controlled] => [known.name, { known, pid: known.pid }]));
  const get = (name: string): Controlled => {
    const found = all.get(name);
    if (!found) throw new Error(`There is no process ${name}; there are ${[...all.keys()].join(', ')}.`);
    return found;
  };
  const kill = async (...names: string[]): Promise<void> => {
    for (const name of names) signal(get(name).pid, 'SIGKILL');
    for (const name of names) await awaitEvent(`${name} is gone`, () => !isRunning(get(name).pid), { timeoutMs: GONE_MS, everyMs: 10 });
  };
  const start = async (name: string, env: NodeJS.ProcessEnv = {}): Promise<void> => {
    const one = get(name);
    const deadline = performance.now() + HEALTHY_MS;
    for (;;) {
      one.child = launch(one.known, { ...plainEnvironment(), ...options.environment(name), ...env });
      one.pid = one.child.pid as number;
      const healthy = await isHealthyOrGone(one, options.probes[name]);
      if (healthy) return;
      // PostgreSQL refuses to start while a last process of its killed self is still there.
      if (performance.now() > deadline) throw new Error(`${name} does not start: ${readFileSync(one.known.logFile, 'utf8').trim().split('\n').slice(-3).join(' / ')}`);
    }
  };
  return {
    kill, start,
    restart: async (name, env) => { await kill(name); await start(name, env); },
    freeze: (name) => signal(get(name).pid, 'SIGSTOP'),
    thaw: (name) => signal(get(name).pid, 'SIGCONT'),
    async reviveAll() {
      for (const { pid } of all.values()) signal(pid, 'SIGCONT');
      for (const [name, { pid }] of all) if (!isRunning(pid)) await start(name);
    },
    logOf: (name) => readFileSync(get(name).known.logFile, 'utf8'),
    async ending(name, timeoutMs) {
      const { child } = get(name);
      if (!child) throw new Error(`${name} was not started by us.`);
      return await awaitEvent(`${name} ends`, () => (child.exitCode === null && child.signalCode === null ? undefined : { code: child.exitCode, signal: child.signalCode }), { timeoutMs, everyMs: 10 });
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (isRunning(pid)) process.kill(pid, name);
}

function launch({ command, args, logFile, uid, gid }: FederationProcess, env: NodeJS.ProcessEnv): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, { cwd: '/', detached: true, stdio: ['ignore', log, log], env, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) });
  closeSync(log);
  child.once('error', () => undefined);
  return child;
}

/** Our own settings are not those of the service. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FOGBOW_')));
}

/** False when it ended before it was healthy. */
async function isHealthyOrGone({ known, child, pid }: Controlled, probe: (() => Promise<void>) | undefined): Promise<boolean> {
  return await awaitEvent(`${known.name} is healthy`, async () => {
    if (child?.exitCode !== null || child.signalCode !== null || !isRunning(pid)) return { healthy: false };
    if (known.healthUrl) {
      const answer = await fetch(known.healthUrl, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      return answer.ok ? { healthy: true } : undefined;
    }
    await probe?.();
    return { healthy: true };
  }, { timeoutMs: HEALTHY_MS, everyMs: 20 }).then(({ healthy }) => healthy);
}
