import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Host, Surroundings, Terminal } from './host.js';

/** The surroundings of this very process. */
export function realHost(given: Pick<Surroundings, 'env' | 'version'>, signal: AbortSignal): Host {
  return {
    surroundings: { ...given, home: given.env['HOME'] || homedir() },
    terminal: realTerminal(signal),
    signal,
    now: () => new Date(),
    newId: () => randomUUID(),
    run: runProgram,
  };
}

function realTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr } = process;
  return {
    isInteractive: stdout.isTTY === true,
    // A terminal may be resized, and one that does not know its size says 0.
    get columns() { return stdout.columns || 80; },
    get rows() { return stdout.rows || 24; },
    write: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
    askSecret: (question) => (process.stdin.isTTY ? typeSecret(question, signal) : readAll()),
  };
}

/** Readline echoes through its output, so that stays dark. */
async function typeSecret(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const dark = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: dark, terminal: true });
  const stop = (): void => reader.close();
  signal.addEventListener('abort', stop, { once: true });
  reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await new Promise<string>((resolve) => {
      reader.once('line', resolve).once('close', () => resolve(''));
    });
  } finally {
    signal.removeEventListener('abort', stop);
    reader.close();
    process.stderr.write('\n');
  }
}

async function readAll(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** As a shell counts: the exit status, or 128 and the number of the signal. */
function runProgram(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code ?? 1));
  });
}
