import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startChildServer } from './child-server.js';
import type { ChildServer } from './child-server.js';
import { freePort, isPortFree } from './port.js';
import { SetupError } from './setup-error.js';
import { findPrograms } from './system-package.js';

/** This machine as another host: a real sshd on a port of its own, which lets one key in. */
export interface SshHost {
  readonly port: number;
  readonly username: string;
  /** The private key that it takes. */
  readonly keyFile: string;
  /** Its own key, as an OpenSSH line. */
  readonly hostKey: string;
  /** Ends the server and all its sessions at once: the host is silent from then on. */
  halt(): Promise<void>;
  /** Starts it again on the same port. */
  resume(): Promise<void>;
}

/** Keeps its keys and its log in the folder. */
export async function startSshHost(folder: string): Promise<SshHost> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [program] = findPrograms('sshd');
  if (program === undefined) throw new SetupError('There is no sshd: apt-get install openssh-server.');
  for (const name of ['host', 'user']) makeKey(join(folder, name));
  copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized_keys'));
  const port = await freePort();
  let server: ChildServer | undefined;
  const host: SshHost = {
    port, username: userInfo().username, keyFile: join(folder, 'user'), hostKey: readFileSync(join(folder, 'host.pub'), 'utf8').trim(),
    async halt() {
      const ending = server;
      server = undefined;
      // Its sessions are in its process group, and would go on without it.
      if (ending) process.kill(-ending.pid, 'SIGKILL');
      await ending?.ended;
    },
    async resume() {
      mkdirSync('/run/sshd', { recursive: true });
      server ??= await startChildServer({
        name: 'sshd', command: program, args: ['-D', '-e', '-f', '/dev/null', ...optionsOf(folder, port)], logFile: join(folder, 'log'),
        ready: async () => !(await isPortFree(port)), readyTimeoutMs: 10_000, stopSignal: 'SIGTERM',
      });
    },
  };
  await host.resume();
  return host;
}

function makeKey(file: string): void {
  if (existsSync(file)) return;
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file], { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) throw new SetupError(`ssh-keygen made no key: ${stderr.trim()}`);
}

const optionsOf = (folder: string, port: number): string[] => [
  `Port=${port}`, 'ListenAddress=127.0.0.1', `HostKey=${join(folder, 'host')}`, `AuthorizedKeysFile=${join(folder, 'authorized_keys')}`, 'PidFile=none', 'StrictModes=no', 'UsePAM=no',
  'PasswordAuthentication=no', 'KbdInteractiveAuthentication=no', 'PermitRootLogin=prohibit-password',
].flatMap((option) => ['-o', option]);
