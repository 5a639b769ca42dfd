import { spawn } from 'node:child_process';

export interface ProgramEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_TEXT = 65_536;

/** A program to its end; it is killed when the signal aborts. Rejects when it cannot be run, and with the signal's reason. */
export function runProgram(program: string, args: readonly string[], { signal, onLine }: { readonly signal: AbortSignal; onLine?(line: string): void }): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('error', () => undefined).on('data', (text: string) => {
        texts[name] = (texts[name] + text).slice(-MOST_TEXT);
        if (name === 'stdout') onLine?.(text);
      });
    }
    child.on('error', reject);
    child.on('close', (status) => (signal.aborted ? reject(signal.reason as Error) : resolve({ status, ...texts })));
  });
}
