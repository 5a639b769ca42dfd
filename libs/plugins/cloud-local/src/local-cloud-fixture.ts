import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { CloudCall, CloudPlugin, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import { localCloud } from './local-cloud.js';
import { signalProcess } from './machine-processes.js';
import { readProc } from './process-identity.js';
import { stopHost } from './stop-host.js';

/** For tests: a folder of its own with the bundles that processes need, keys, and the real OpenSSH client. */
export interface LocalFixture {
  readonly folder: string;
  readonly machineProgram: string;
  readonly publicKey: string;
  cloud(settings?: Record<string, unknown>): CloudPlugin;
  request(name: string, userData?: InstanceRequest['userData']): InstanceRequest;
  /** Asks until the machine is active. */
  active(cloud: CloudPlugin, id: string): Promise<Instance & { port: number }>;
  ssh(port: number, ...args: string[]): Promise<Outcome>;
  /** Ends every machine of every cloud of the fixture and deletes the folder. */
  dispose(): Promise<void>;
}

export interface Outcome {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the clouds of this process have warned of: the last words of machines that ended by themselves are among it. */
const warnings: string[] = [];
export const HOST = {
  memberId: 'site-a.example', now: () => new Date(),
  log: { info: () => undefined, warn: (message: string, fields?: object) => void warnings.push(`${message} ${JSON.stringify(fields)}`) },
};
export const CALL: CloudCall = { token: { value: 'local' }, signal: new AbortController().signal };
export const SIZE = { vcpu: 1, ramMb: 512, diskGb: 1 };

export async function createLocalFixture(): Promise<LocalFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-local-'));
  await bundle('machine/main.ts', join(folder, 'machine.js'));
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  const { stdout: publicKey } = await run('ssh-keygen', ['-y', '-f', join(folder, 'key')]);
  return {
    folder,
    machineProgram: join(folder, 'machine.js'),
    publicKey: publicKey.trim(),
    cloud(settings = {}) {
      const directory = String(settings['directory'] ?? mkdtempSync(join(folder, 'cloud-')));
      return localCloud.create({ directory, machineProgram: join(folder, 'machine.js'), ...settings }, HOST);
    },
    request: (name, userData) => ({ clientToken: `test-${name}`, size: SIZE, userData: userData ?? [userOf(publicKey.trim())] }),
    active,
    ssh: (port, ...args) => run('ssh', [...sshOptions(join(folder, 'key')), '-p', String(port), 'fogbow@127.0.0.1', ...args]),
    async dispose() {
      const clouds = readdirSync(folder).map((name) => join(folder, name)).filter((path) => existsSync(join(path, 'machines')));
      await Promise.all(clouds.map((directory) => stopHost(directory)));
      endProgramsOf(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a test that was cut short has left running: its programs have the folder in their command line. */
function endProgramsOf(folder: string): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) if (pid !== process.pid && readProc(`${pid}/cmdline`)?.includes(`${folder}/`)) signalProcess(pid, 'SIGKILL');
}

export function userOf(publicKey: string): InstanceRequest['userData'][number] {
  return { contentType: 'text/cloud-config', content: `#cloud-config\nusers:\n  - name: fogbow\n    ssh_authorized_keys: ["${publicKey}"]\n` };
}

export function sshOptions(key: string): string[] {
  return ['-F', 'none', '-i', key, ...['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=10']
    .flatMap((option) => ['-o', option])];
}

/** A program to its end; status is its exit status, or the name of the signal that ended it. */
export function run(program: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(program, args, { timeout: 20_000, ...(options.env ? { env: options.env } : {}) }, (error, stdout, stderr) =>
      done({ status: error ? (error.signal ?? error.code ?? 1) : 0, stdout, stderr }));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** One entry point as a bundle that plain Node runs; `pathOf` is below this folder. */
export async function bundle(pathOf: string, outfile: string): Promise<void> {
  const root = resolve(__dirname, '../../../..');
  await build({
    absWorkingDir: root, entryPoints: [join(__dirname, pathOf)], outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    loader: { '.node': 'copy' }, external: ['cpu-features'], tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'error',
  });
}

async function active(cloud: CloudPlugin, id: string): Promise<Instance & { port: number }> {
  for (;;) {
    const seen = await cloud.compute.describe(id, CALL);
    if (!seen || seen.state === 'failed') throw new Error(`The machine ${id} is ${seen ? `failed: ${seen.fault}` : `gone: ${warnings.filter((one) => one.includes(id)).join(' ')}`}.`);
    if (seen.state === 'active') return { ...seen, port: Number(seen.localAddress?.split(':')[1]) };
    await delay(10);
  }
}

/** Two ranges of four addresses that no other test on this host is likely to have. */
export function freeRanges(): [string, string] {
  const base = `127.${randomInt(100, 255)}.${randomInt(256)}`;
  return [`${base}.0/30`, `${base}.4/30`];
}
