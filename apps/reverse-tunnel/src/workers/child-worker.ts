import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '@fogbow/service-runtime';
import type { ControlDesk, SessionWorker } from './contract.js';
import { createMessageCalls, remote } from './message-calls.js';
import type { MessageLine } from './message-calls.js';

/** Names a process as a worker to main.ts. */
export const WORKER_VARIABLE = 'FOGBOW_TUNNEL_WORKER';
export const WORKER_CALLS: readonly (keyof SessionWorker)[] = ['take', 'end', 'closePort', 'change', 'announce', 'list', 'stop'];
export const DESK_CALLS: readonly (keyof ControlDesk)[] = ['login', 'enter', 'leave', 'event', 'refused', 'traffic'];

export interface ChildWorker {
  readonly worker: SessionWorker;
  readonly pid: number;
  /** Resolves when the process has ended, whatever it ended of. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** Starts this same program as a worker; resolves when it is ready. `deskOf` gives the desk at which this worker asks. */
export async function startChildWorker(number: number, env: Readonly<Record<string, string | undefined>>, deskOf: (worker: SessionWorker) => ControlDesk, log: Logger): Promise<ChildWorker> {
  const child = fork(String(process.argv[1]), process.argv.slice(2), { env: { ...env, [WORKER_VARIABLE]: String(number) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('error', (error) => log.warn('a worker process has a fault', { number, error }));
  const lineOfChild = lineTo(child);
  const desk: { current?: ControlDesk } = {};
  const handlers = Object.fromEntries(DESK_CALLS.map((call) => [call, async (...args: never[]) => await (desk.current?.[call] as (...all: never[]) => Promise<unknown>)(...args)]));
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code, signal) => reject(new Error(`A worker process ended at its start (${signal ?? code}).`)));
  });
  const calls = createMessageCalls(lineOfChild, handlers);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      calls.lose('the worker process has ended');
      resolve(String(signal ?? code));
    });
  });
  const worker = remote<SessionWorker>(calls, WORKER_CALLS);
  desk.current = deskOf(worker);
  await ready;
  return { worker, pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL') };
}

function lineTo(child: ChildProcess): MessageLine {
  return {
    send(message, handle) {
      if (!child.connected) return void handle?.destroy();
      child.send(message, handle, {}, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
  };
}
