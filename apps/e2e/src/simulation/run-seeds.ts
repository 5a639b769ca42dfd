import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRoot } from '../start-federation.js';

/** One run, as apps/manager/src/simulation/simulate-seeds.ts writes it. */
export interface SeedResult {
  readonly seed: number;
  readonly members: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly settledMs: number;
  readonly longestWrongMs: number;
  readonly fingerprint: string;
  readonly orders: Readonly<Record<string, number>>;
  readonly violation?: string;
  readonly trace?: readonly string[];
}

export interface Seeds {
  readonly first: number;
  readonly runs: number;
  readonly members?: number | undefined;
  readonly isTraced?: boolean;
}

/** The simulation as a program of its own, for as many processes as are wanted. */
export interface SimulationProgram {
  /** Tells each run as it ends; rejects when the program fails otherwise than by a violation. */
  run(seeds: Seeds, told: (result: SeedResult) => void): Promise<void>;
  /** Ends what still runs, too. */
  remove(): void;
}

/** Apps do not import each other, so the Manager's simulation is bundled and started. */
export async function buildSimulation(): Promise<SimulationProgram> {
  const folder = join(cloneRoot(), '.cache', 'run');
  const outfile = join(folder, `simulate-seeds-${process.pid}.cjs`);
  mkdirSync(folder, { recursive: true });
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: cloneRoot(), entryPoints: [join('apps', 'manager', 'src', 'simulation', 'simulate-seeds.ts')], outfile, bundle: true, platform: 'node', target: 'node20',
    format: 'cjs', sourcemap: 'inline', packages: 'external', tsconfig: join(cloneRoot(), 'tsconfig.base.json'), logLevel: 'warning',
  });
  await esbuild.stop();
  const running = new Set<ChildProcess>();
  return {
    run: (seeds, told) => runProgram(outfile, seeds, told, running),
    remove() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(outfile, { force: true });
    },
  };
}

async function runProgram(file: string, { first, runs, members, isTraced }: Seeds, told: (result: SeedResult) => void, running: Set<ChildProcess>): Promise<void> {
  const args = ['--seed', String(first), '--runs', String(runs), ...(members === undefined ? [] : ['--members', String(members)]), ...(isTraced ? ['--trace'] : [])];
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new Error(`The simulation of the seeds from ${first} ended with ${signal ?? String(code)}.`))));
  });
  createInterface({ input: child.stdout }).on('line', (line) => told(JSON.parse(line) as SeedResult));
  await ended.finally(() => running.delete(child));
}
