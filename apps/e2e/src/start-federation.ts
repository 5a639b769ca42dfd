import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memberOf, processOf, readFederationFile } from './federation-file.js';
import type { FederationFile, FederationMember, FederationProcess } from './federation-file.js';

export interface FederationOptions {
  /** Best below 32768: above, the ports of outgoing connections are dealt out, and one of them may sit on ours for long. */
  readonly portBase: number;
  /** More options of `npm start`, such as `--cloud-a cloud-fake`. */
  readonly args?: readonly string[];
  /** Added to our own environment, such as FOGBOW_NO_RESTART=1. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A federation in a folder of its own, driven by the very program that `npm start` and `npm stop` run. */
export interface TestFederation {
  readonly data: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `npm stop -- --fresh`: ends everything, also what was left behind, and forgets it. */
  wipe(): Promise<void>;
  /** As things are now. */
  file(): FederationFile;
  member(name: string): FederationMember;
  process(name: string): FederationProcess;
  /** Wipes and removes the folder. Safe at any moment, also in the middle of a start. */
  dispose(): Promise<void>;
}

export const cloneRoot = (): string => process.env['FOGBOW_ROOT'] ?? process.cwd();

/** Nothing runs until `start`. */
export function createFederation({ portBase, args = [], env = {} }: FederationOptions): TestFederation {
  const parent = mkdtempSync(join(tmpdir(), 'fogbow-e2e-'));
  const data = join(parent, 'data');
  const launch = (...words: string[]): Promise<void> => runLauncher([...words, '--data', data], { ...process.env, ...env });
  const file = (): FederationFile => readFederationFile(data);
  const wipe = (): Promise<void> => launch('stop', '--fresh');
  return {
    data, file, wipe,
    start: () => launch('--detach', '--port-base', String(portBase), ...args),
    stop: () => launch('stop'),
    member: (name) => memberOf(file(), name),
    process: (name) => processOf(file(), name),
    async dispose() {
      if (existsSync(data)) await wipe();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** The end of a story with --keep. */
export async function endOrKeep(federation: TestFederation, keep: boolean): Promise<void> {
  if (!keep) return await federation.dispose();
  process.stdout.write(`Kept in ${federation.data}; end it with: npm stop -- --data ${federation.data} --fresh\n`);
}

const LAUNCHER_TIMEOUT_MS = 200_000;

/** Its words are shown only when it fails. */
function runLauncher(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  // A group of its own, or a Ctrl-C would hit it beside us and cut the clean-up short.
  const child = spawn(process.execPath, [join(cloneRoot(), 'tools', 'start.mjs'), ...args], { cwd: cloneRoot(), env, detached: true, stdio: ['ignore', 'pipe', 'pipe'], timeout: LAUNCHER_TIMEOUT_MS });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('error', () => undefined).on('data', (bytes: Buffer) => { words += String(bytes); });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new Error(`npm ${args[0] === 'stop' ? 'stop' : 'start'} ended with ${signal ?? code}:\n${words}`))));
  });
}
