import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findPrograms } from '@fogbow/embedded-servers';
import { decodeUserData } from '@fogbow/request-model';
import { awaitEvent } from '../await-event.js';

export const SHELLS = ['dash', 'busybox'] as const;
export type Shell = (typeof SHELLS)[number];
export const CLIENTS = ['openssh', 'dropbear'] as const;
export type Client = (typeof CLIENTS)[number];
/** What a machine asks the tunnel's HTTP side with. */
export const ASKERS = ['curl', 'wget', 'openssl'] as const;
export type Asker = (typeof ASKERS)[number];

export interface MachineKind {
  readonly shell: Shell;
  readonly client: Client;
  readonly askers: readonly Asker[];
}

/** A machine as far as its user data goes: a folder, a port of SSH, and no other programs than an image of its kind has. */
export interface Machine {
  readonly state: string;
  /** Runs a script as the first boot does. */
  boot(script: string): void;
  run(...words: string[]): Promise<Ran>;
  log(): string;
  /** The loop and its client, with their arguments. */
  processes(): { readonly pid: number; readonly line: string }[];
  stop(): Promise<void>;
}

export interface Ran { readonly status: number; readonly out: string; readonly notes: string }

/** What the script and an image without much else need; busybox has all of it in itself. */
const TOOLS = ['cat', 'chmod', 'date', 'env', 'grep', 'kill', 'mkdir', 'mv', 'nohup', 'od', 'printf', 'rm', 'sed', 'setsid', 'sleep', 'tr', 'wc'];

export function createMachine(folder: string, kind: MachineKind, localSshPort: number): Machine {
  const place = mkdtempSync(join(folder, `${kind.shell}-${kind.client}-`));
  const [bin, state] = [join(place, 'bin'), join(place, "state of 'x'")];
  mkdirSync(bin);
  mkdirSync(state);
  furnish(bin, kind);
  const shell = join(bin, 'sh');
  const env = { PATH: bin, FOGBOW_STATE_DIR: state, FOGBOW_LOCAL_SSH_PORT: String(localSshPort), HOME: state };
  const processes = (): { pid: number; line: string }[] => processesIn(state);
  return {
    state, processes,
    boot(script) {
      const { status, stderr } = spawnSync(shell, ['-c', script], { env, timeout: 20_000, stdio: ['ignore', 'ignore', 'pipe'] });
      assert.deepEqual([status, stderr.toString()], [0, '']);
    },
    run: (...words) => new Promise((done) => {
      execFile(shell, [join(state, 'create-fogbow-tunnel'), ...words], { env, timeout: 60_000 }, (error, out, notes) => done({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: out.trim(), notes: notes.trim() }));
    }),
    log: () => (existsSync(join(state, 'tunnel.log')) ? readFileSync(join(state, 'tunnel.log'), 'utf8') : ''),
    async stop() {
      for (const { pid, line } of processes()) if (line.includes('fogbow-tunnel-loop')) process.kill(pid);
      await awaitEvent('the loop and its client have ended', () => processes().length === 0, { timeoutMs: 10_000, seen: processes });
    },
  };
}

function furnish(bin: string, { shell, client, askers }: MachineKind): void {
  if (shell === 'busybox') {
    const busybox = pathOf('busybox');
    // Every tool is busybox's own, its wget and its sed among them.
    for (const applet of spawnSync(busybox, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n')) symlinkSync(busybox, join(bin, basename(applet)));
  } else {
    symlinkSync(pathOf('dash'), join(bin, 'sh'));
    for (const tool of TOOLS) symlinkSync(pathOf(tool), join(bin, tool));
  }
  symlinkSync(pathOf(client === 'openssh' ? 'ssh' : 'dbclient'), join(bin, client === 'openssh' ? 'ssh' : 'dbclient'));
  for (const asker of askers) {
    rmSync(join(bin, asker), { force: true });
    symlinkSync(pathOf(asker), join(bin, asker));
  }
}

export function pathOf(program: string): string {
  const [path] = findPrograms(program);
  assert(path, `${program} is not here`);
  return path;
}

/** Processes whose working directory is the state folder. */
function processesIn(state: string): { pid: number; line: string }[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      return readlinkSync(`/proc/${name}/cwd`) === state ? [{ pid: Number(name), line: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }] : [];
    } catch {
      return [];
    }
  });
}

/** The script that a Manager put into a machine's user data, from where the cloud keeps it. */
export function bootstrapOf(machineFolder: string): string {
  const parts = decodeUserData(readFileSync(join(machineFolder, 'user-data'), 'utf8')) ?? [];
  const script = parts.find(({ content }) => content.includes('fogbow-tunnel-loop'))?.content;
  assert(script, 'the user data has no script that opens a tunnel');
  return script;
}
