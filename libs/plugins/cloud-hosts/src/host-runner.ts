import { Readable, pipeline } from 'node:stream';
import type { Duplex, Writable } from 'node:stream';

/**
 * One host, this one or another: all that this cloud wants of it. Any number of calls may be on their way at once. A host that cannot be
 * reached is cloud-unavailable with a sentence that names it and says why, and so is a call whose signal aborts.
 */
export interface HostRunner {
  /** Runs a program to its end, also one that fails. A file reaches the host as the input of a program, and comes back as its output. */
  run(command: readonly string[], options: RunOptions): Promise<RunOutcome>;
  /** A connection to a Unix socket of the host. Rejects with cloud-unavailable where nothing listens there. */
  connect(socket: string, signal: AbortSignal): Promise<Duplex>;
  /** Ends connections; programs that were started and daemons go on. */
  close(): void;
}

export interface RunOptions {
  /** A stream is read as fast as the program takes it, and destroyed at the end. */
  readonly input?: string | Buffer | Readable;
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  /** Exit status; -1 where a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of the output of a program; more is taken as a fault of the host. */
export const MOST_OUTPUT = 16 * 2 ** 20;

/** The input of a program, which may end before it has read all. */
export function feed(program: Writable, input: RunOptions['input'] = ''): void {
  if (input instanceof Readable) pipeline(input, program, () => undefined);
  else program.on('error', () => undefined).end(input);
}
