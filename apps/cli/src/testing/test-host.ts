import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../host.js';
import { runCli } from '../run-cli.js';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly notes: string;
}

export interface TestHostOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isInteractive?: boolean;
  /** What the user types, or pipes in, for a secret. */
  readonly secret?: string;
  /** Exit status of the programs that are run. */
  readonly programStatus?: number;
}

/** A home of its own, and no process: what would be written is kept. */
export interface TestHost {
  readonly home: string;
  /** Programs that were run, with their words. */
  readonly programs: readonly (readonly string[])[];
  run(...words: string[]): Promise<Ran>;
  /** Ctrl-C. */
  interrupt(): void;
  remove(): void;
}

export const NOW = new Date('2030-05-06T12:00:00.000Z');

export function createTestHost({ env = {}, isInteractive = false, secret = '', programStatus = 0 }: TestHostOptions = {}): TestHost {
  const home = mkdtempSync(join(tmpdir(), 'fogbow-cli-'));
  const programs: string[][] = [];
  let interruption = new AbortController();
  let ids = 0;
  return {
    home, programs,
    async run(...words) {
      interruption = new AbortController();
      const [out, notes]: string[][] = [[], []];
      const host: Host = {
        surroundings: { env, home, version: '1.2.3' },
        terminal: { isInteractive, columns: 100, rows: 24, write: (text) => void out?.push(text), note: (text) => void notes?.push(text), askSecret: () => Promise.resolve(secret) },
        signal: interruption.signal,
        now: () => NOW,
        newId: () => `id-${ids += 1}`,
        run: (program, args) => { programs.push([program, ...args]); return Promise.resolve(programStatus); },
      };
      const status = await runCli(words, host);
      return { status, out: out?.join('') ?? '', notes: notes?.join('') ?? '' };
    },
    interrupt: () => interruption.abort(),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
