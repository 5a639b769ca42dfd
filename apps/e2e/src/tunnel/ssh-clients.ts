import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Granted, TunnelWorld } from './tunnel-world.js';

export interface ClientRun {
  readonly exit: Promise<{ readonly code: number | null; readonly said: string }>;
  stop(): void;
}

export interface OpenSshOptions {
  /** Instead of the secret. */
  readonly keyFile?: string;
  /** Stands behind the host; a subsystem by its name, with `-s` among the arguments. */
  readonly command?: string;
}

/** The OpenSSH client with the secret of a grant; `args` stand behind its own options. */
export function openSsh(world: TunnelWorld, grant: Granted, args: readonly string[], { keyFile, command }: OpenSshOptions = {}): ClientRun {
  const place = join(world.folder, `askpass-${grant.id.replaceAll('/', '_')}`);
  if (!existsSync(place)) writeFileSync(place, `#!/bin/sh\necho '${grant.secret}'\n`, { mode: 0o700 });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=INFO', 'NumberOfPasswordPrompts=1', 'ExitOnForwardFailure=yes', 'ConnectTimeout=10',
    ...(keyFile ? ['PreferredAuthentications=publickey', 'IdentitiesOnly=yes', `IdentityFile=${keyFile}`] : ['PreferredAuthentications=password'])];
  return run('ssh', ['-F', '/dev/null', '-p', String(world.sshPort), '-l', grant.id, ...options.flatMap((option) => ['-o', option]), ...args, '127.0.0.1', ...(command === undefined ? [] : [command])],
    { PATH: '/usr/bin:/bin', DISPLAY: 'none', SSH_ASKPASS: place, SSH_ASKPASS_REQUIRE: 'force' });
}

/** Dropbear's client; undefined where it is not installed. */
export function dropbear(world: TunnelWorld, grant: Granted, localPort: number): ClientRun | undefined {
  if (!existsSync('/usr/bin/dbclient')) return undefined;
  return run('/usr/bin/dbclient', ['-y', '-y', '-N', '-T', '-p', String(world.sshPort), '-l', grant.id, '-R', `${grant.port}:127.0.0.1:${localPort}`, '127.0.0.1'],
    { PATH: '/usr/bin:/bin', DROPBEAR_PASSWORD: grant.secret, HOME: world.folder });
}

export function makeKey(folder: string): { readonly file: string; readonly publicKey: string } {
  const file = join(folder, 'machine-key');
  if (!existsSync(file)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
}

/** Longer than any client of a story has work; one that should have been turned away and was not ends here. */
const CLIENT_MS = 120_000;

/** A client that is killed because its time is over has no code. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): ClientRun {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: CLIENT_MS, killSignal: 'SIGKILL' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { said += String(data); });
  return {
    exit: new Promise((resolve) => { child.once('error', (error) => resolve({ code: -1, said: error.message })); child.once('close', (code) => resolve({ code, said })); }),
    stop: () => void child.kill('SIGKILL'),
  };
}
