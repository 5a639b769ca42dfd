import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { Environment } from './environment.js';

/** A process with the three streams of a channel. */
export interface ShellProcess {
  readonly child: ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable };
  /** Sends a signal to it and all of its group. */
  signal(name: NodeJS.Signals): void;
}

export interface ShellProcessOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** A fourth stream, from the process to us. */
  readonly withReport?: boolean;
}

/** Starts a process as the head of a group, so a signal reaches what it started. */
export function startShellProcess(command: readonly string[], { cwd, env, withReport }: ShellProcessOptions): ShellProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe', withReport ? 'pipe' : 'ignore'] });
  return {
    child: child as ShellProcess['child'],
    signal(name) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // The group has ended.
      }
    },
  };
}

/** Joins process and channel until the process has ended and all it said is sent; then the channel tells how it ended. */
export function joinChannel(channel: ServerChannel, { child }: ShellProcess): void {
  for (const stream of [channel, channel.stderr, child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  let isOver = false;
  const end = (tell: () => void): void => {
    if (isOver || !channel.writable) return;
    isOver = true;
    // Empty writes are answered after everything before them has gone out.
    channel.stderr.write('', () => channel.write('', () => {
      tell();
      channel.end();
    }));
  };
  child.once('error', (error) => end(() => {
    channel.stderr.write(`${error.message}\n`);
    channel.exit(127);
  }));
  child.once('close', (code, signal) => end(() => (signal === null ? channel.exit(code ?? 0) : channel.exit(signal.slice(3)))));
  channel.once('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
}
