import { execFile } from 'node:child_process';
import { createConnection } from 'node:net';
import { FogbowError } from '@fogbow/plugin-contracts';
import { feed, MOST_OUTPUT } from './host-runner.js';
import type { HostRunner, RunOptions, RunOutcome } from './host-runner.js';

/** The host on which this process runs. */
export function createLocalRunner(name: string): HostRunner {
  const run = (command: readonly string[], { input, signal }: RunOptions): Promise<RunOutcome> => new Promise((resolve, reject) => {
    const [program = '', ...args] = command;
    const child = execFile(program, args, { signal, maxBuffer: MOST_OUTPUT, cwd: '/', encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) return resolve({ status: 0, stdout, stderr });
      if (signal.aborted || error.killed || (typeof error.code === 'string')) return reject(new FogbowError('cloud-unavailable', `The host ${name} could not run ${program}: ${error.message.split('\n')[0]}.`, { cause: error }));
      resolve({ status: error.code ?? -1, stdout, stderr });
    });
    if (child.stdin) feed(child.stdin, input);
  });
  return {
    run,
    connect: (path, signal) => new Promise((resolve, reject) => {
      const socket = createConnection({ path, signal });
      socket.once('connect', () => resolve(socket));
      socket.on('error', (cause) => reject(new FogbowError('cloud-unavailable', `Nothing answers at ${path} of the host ${name}.`, { cause })));
    }),
    close: () => undefined,
  };
}
