import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { startChildServer } from '../child-server.js';
import type { ChildServer } from '../child-server.js';
import { commandLine, isAlive, stopProcess } from '../process.js';
import type { Layout } from './openstack-layout.js';

export const PYTHON = '/usr/bin/python3';
const START_MS = 120_000;
const RUN_MS = 600_000;

/** Debian's own Python and programs, whatever else this user has; no proxy between services of one host. */
export function environmentOf(layout: Layout, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: layout.folder, PYTHONUNBUFFERED: '1', PYTHONPATH: layout.path('python'), ...more };
}

/** A program of OpenStack that has no file of its own in the installed packages. */
export const pythonProgram = (module: string, name: string): string[] => ['-c', `import sys; sys.argv[0] = '${name}'\nfrom ${module} import main\nsys.exit(main())`];

export interface Service {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly ready: () => boolean | Promise<boolean>;
  readonly stopSignal?: NodeJS.Signals;
}

/** The processes of one OpenStack; they are written down, so that the next start finds those of one that was killed. */
export interface Processes {
  start(service: Service): Promise<void>;
  /** To a service and all that it started: SIGSTOP and SIGCONT make it silent for a while. */
  signal(name: string, signal: NodeJS.Signals): void;
  /** In the turned order of the starts, those of one service with all that it started. */
  stop(): Promise<void>;
}

const BOOK = 'processes.json';

export function createProcesses(layout: Layout): Processes {
  const book = layout.path(BOOK);
  const running: { readonly name: string; readonly server: ChildServer }[] = [];
  const note = (): void => writeFileSync(book, JSON.stringify(running.map(({ server: { pid } }) => ({ pid, line: commandLine(pid) }))), { mode: 0o600 });
  return {
    async start({ name, command, args, env, ready, stopSignal = 'SIGTERM' }) {
      const server = await startChildServer({
        name, command, args, env: environmentOf(layout, env), logFile: layout.path('log', `${name}.log`), ready, readyTimeoutMs: START_MS, stopSignal,
      });
      running.push({ name, server });
      note();
    },
    signal(name, signal) {
      const found = running.find((one) => one.name === name);
      if (!found) throw new Error(`There is no service ${name}; there are ${running.map((one) => one.name).join(', ')}.`);
      process.kill(-found.server.pid, signal);
    },
    async stop() {
      const infrastructure = ['mariadb', 'rabbit', 'epmd'];
      const all = running.splice(0).reverse();
      await Promise.all(all.filter(({ name }) => !infrastructure.includes(name)).map(({ server }) => endGroup(server.pid, 5000)));
      for (const { server } of all.filter(({ name }) => infrastructure.includes(name))) await endGroup(server.pid, 15_000);
      note();
    },
  };
}

/** Each service leads a group of its own; workers that outlive it are of no use to anybody. */
async function endGroup(pid: number, graceMs: number): Promise<void> {
  wake(pid);
  await stopProcess(pid, { graceMs });
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}

/** Whoever is halted hears no SIGTERM. */
function wake(pid: number): void {
  try {
    process.kill(-pid, 'SIGCONT');
  } catch {
    // It has ended.
  }
}

/** Ends what a start that was killed has left; a number that means another process by now is left alone. */
export async function stopLeftovers(folder: string): Promise<void> {
  const book = join(folder, BOOK);
  const left = existsSync(book) ? JSON.parse(readFileSync(book, 'utf8')) as { pid: number; line: string }[] : [];
  await Promise.all(left.filter(({ pid, line }) => line !== '' && isAlive(pid) && commandLine(pid) === line).map(({ pid }) => endGroup(pid, 5000)));
}

/** A command to its end; its output goes into the error when it fails. */
export function runToEnd(layout: Layout, command: string, args: readonly string[], { env, input }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env: environmentOf(layout, env), timeout: RUN_MS, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.slice(-3).join(' ')} failed: ${`${stdout}${stderr}`.trim().split('\n').slice(-5).join(' / ')}`));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

export const answersHttp = (url: string) => async (): Promise<boolean> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer !== undefined && answer.status < 500;
};

export const acceptsOn = (port: number) => (): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('close', () => socket.destroy());
  socket.once('connect', () => socket.destroy());
});
