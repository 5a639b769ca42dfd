import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
}

export interface Outcome {
  /** Exit status, or the name of the signal that ended the client. OpenSSH says 255 when it could not log in. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real OpenSSH client with a key of its own. */
export interface SshUser {
  /** One line, for an order. */
  readonly publicKey: string;
  readonly keyFile: string;
  run(address: SshAddress, command: string): Promise<Outcome>;
  /** A login shell on a terminal (`ssh -tt`), fed with what a person would type. */
  interact(address: SshAddress, typed: string): Promise<Outcome>;
  /** `scp -O`; `from` and `to` are local paths or {@link remotePath}s of the address. */
  copy(address: SshAddress, from: string, to: string): Promise<Outcome>;
}

const CLIENT_TIMEOUT_MS = 20_000;
const OPTIONS = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=10'];

/** Makes a throw-away key `name` in the folder. `by`: words before each command, such as `ip netns exec NAME`. */
export async function createSshUser(folder: string, name: string, by: readonly string[] = []): Promise<SshUser> {
  const keyFile = join(folder, name);
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@e2e`, '-f', keyFile]);
  const common = ['-F', 'none', '-i', keyFile, ...OPTIONS.flatMap((option) => ['-o', option])];
  const login = ({ host, port, username }: SshAddress): string[] => ['-p', String(port), `${username}@${host}`];
  return {
    publicKey: readFileSync(`${keyFile}.pub`, 'utf8').trim(),
    keyFile,
    run: (address, command) => runToEnd([...by, 'ssh', ...common, ...login(address), command]),
    interact: (address, typed) => runToEnd([...by, 'ssh', ...common, '-tt', ...login(address)], typed),
    copy: ({ port }, from, to) => runToEnd([...by, 'scp', '-O', '-q', ...common, '-P', String(port), from, to]),
  };
}

export function remotePath({ host, username }: SshAddress, path: string): string {
  return `${username}@${host}:${path}`;
}

function runToEnd([program = '', ...args]: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(program, args, { timeout: CLIENT_TIMEOUT_MS }, (error, stdout, stderr) =>
      done({ status: error ? (error.signal ?? error.code ?? 1) : 0, stdout, stderr: stderr || (error && !error.code ? error.message : '') }));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
