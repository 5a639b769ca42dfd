import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isAlive, stopProcess, until } from './process.js';
import { SetupError } from './setup-error.js';

export interface ChildServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Words before the command, such as `ip netns exec NAME`; they run as ourselves, and the server as its own user all the same. */
  readonly by?: readonly string[] | undefined;
  /** The whole environment; absent: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Output goes straight to this file: a pipe would break the server when its starter is killed. */
  readonly logFile: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly ready: () => boolean | Promise<boolean>;
  readonly readyTimeoutMs: number;
  /** Ends the wait for readiness, and with it the server. */
  readonly signal?: AbortSignal;
  /** The signal that ends it in an orderly way. */
  readonly stopSignal: NodeJS.Signals;
}

export interface ChildServer {
  readonly pid: number;
  /** Resolves when the process ends, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends it in an orderly way, or at once when `hurry` aborts. */
  stop(hurry?: AbortSignal): Promise<void>;
}

/** Starts a server in a process group of its own, so that Ctrl-C reaches it in the right order through us and not at once. */
export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const log = openSync(options.logFile, 'a', 0o600);
  const { command, args, ...user } = launchOf(options);
  const child = spawn(command, args, { cwd: '/', detached: true, stdio: ['ignore', log, log], env: options.env ?? process.env, ...user });
  closeSync(log);
  let fault: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => { fault = error; resolve(); });
    child.once('exit', () => resolve());
  });
  const running = (): boolean => fault === undefined && child.exitCode === null && child.signalCode === null;
  const given = (): boolean => options.signal?.aborted === true;
  const ready = await until(async () => !running() || given() || await options.ready(), options.readyTimeoutMs);
  if (!ready || !running() || given()) {
    await stopIfRunning(child, options);
    if (given()) throw new SetupError(`${options.name} was stopped before it was ready.`);
    throw new SetupError(failure(options, fault, ready));
  }
  return { pid: child.pid as number, ended, stop: (hurry) => stopIfRunning(child, options, hurry) };
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Each program of the chain takes the place of the one before, so the child's number is the server's. */
export function launchOf({ by = [], command, args, uid, gid }: Pick<ChildServerOptions, 'by' | 'command' | 'args' | 'uid' | 'gid'>): Launch {
  const [first, ...words] = by;
  if (first === undefined) return { command, args, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  const user = [...(uid === undefined ? [] : [`--reuid=${uid}`]), ...(gid === undefined ? [] : [`--regid=${gid}`])];
  return { command: first, args: [...words, ...(user.length > 0 ? ['setpriv', ...user, '--clear-groups', '--'] : []), command, ...args] };
}

async function stopIfRunning(child: ChildProcess, options: ChildServerOptions, hurry?: AbortSignal): Promise<void> {
  if (child.pid !== undefined && isAlive(child.pid)) await stopProcess(child.pid, { signal: options.stopSignal, hurry });
}

function failure(options: ChildServerOptions, fault: Error | undefined, inTime: boolean): string {
  if (fault) return `${options.name} cannot be started: ${fault.message}.`;
  const why = inTime ? 'ended at once' : `was not ready within ${options.readyTimeoutMs / 1000} s`;
  return `${options.name} ${why}; its log ${options.logFile} ends with: ${lastLines(options.logFile)}`;
}

/** What a log says last: the last plain sentence if the tail has one (programs end with it), else the last lines. */
export function lastLines(file: string, count = 3): string {
  const tail = readFileSync(file, 'utf8').trim().split('\n').slice(-8);
  return tail.filter((line) => line !== '' && !line.startsWith('{')).at(-1) ?? tail.slice(-count).join(' / ');
}
