import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { ClientChannel, ConnectConfig } from 'ssh2';
import { FogbowError } from '@fogbow/plugin-contracts';
import { feed, MOST_OUTPUT } from './host-runner.js';
import type { HostRunner, RunOptions, RunOutcome } from './host-runner.js';
import { createSlots } from './slots.js';

export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Our private key, OpenSSH or PEM, without a passphrase. */
  readonly keyFile: string;
  /** The one key that the host may show: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  readonly connectTimeoutMs: number;
  /** A host that did not answer is asked again after so long. */
  readonly restMs: number;
}

/** sshd takes ten sessions on one connection as a rule. */
const SESSIONS = 8;
const KEEPALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** One word of a POSIX shell: sshd gives the command to the login shell of its user. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Another host, over one connection that is made when it is needed and anew when it has ended. */
export function createSshRunner(name: string, address: SshAddress, now: () => Date): HostRunner {
  const link = createLink(name, address, now);
  const slots = createSlots(SESSIONS);
  return {
    run: (command, options) => slots.take(async () => {
      const client = await link.client(options.signal);
      return await execute(name, client, command.map(quoted).join(' '), options);
    }),
    async connect(path, signal) {
      const client = await link.client(signal);
      return await new Promise((resolve, reject) => client.openssh_forwardOutStreamLocal(path, (error, channel) => {
        if (error) return reject(new FogbowError('cloud-unavailable', `Nothing answers at ${path} of the host ${name}: ${error.message}.`, { cause: error }));
        channel.on('error', () => undefined);
        resolve(channel);
      }));
    },
    close: () => link.close(),
  };
}

interface Link {
  client(signal: AbortSignal): Promise<Client>;
  close(): void;
}

function createLink(name: string, address: SshAddress, now: () => Date): Link {
  let current: Promise<Client> | undefined;
  let rest: { readonly until: number; readonly error: Error } | undefined;
  const dial = (): Promise<Client> => {
    const dialed: Promise<Client> = Promise.resolve().then(() => open(name, address, () => { if (current === dialed) current = undefined; }));
    dialed.then(() => { rest = undefined; }, (error: Error) => { rest = { until: now().getTime() + address.restMs, error }; });
    return dialed;
  };
  return {
    async client(signal) {
      if (!current && rest && now().getTime() < rest.until) throw rest.error;
      current ??= dial();
      const client = await current;
      if (signal.aborted) throw new FogbowError('cloud-unavailable', `There was no time left for the host ${name}.`, { cause: signal.reason });
      return client;
    },
    close() {
      current?.then((client) => client.end(), () => undefined);
      current = undefined;
    },
  };
}

function open(name: string, address: SshAddress, onEnd: () => void): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let mismatch = false;
    const fail = (error: Error): void => {
      onEnd();
      client.destroy();
      reject(new FogbowError('cloud-unavailable', faultOf(name, address, error, mismatch), { cause: error }));
    };
    client.once('ready', () => resolve(client)).on('error', fail).once('close', () => fail(new Error('the connection has ended')));
    try {
      client.connect(configOf(address, () => { mismatch = true; }));
    } catch (error) {
      fail(error as Error);
    }
  });
}

function configOf({ host, port, username, keyFile, hostKey, connectTimeoutMs }: SshAddress, onMismatch: () => void): ConnectConfig {
  const [type = '', pinned = ''] = hostKey.split(/\s+/);
  const algorithm = type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
  return {
    host, port, username, privateKey: readFileSync(keyFile), readyTimeout: connectTimeoutMs, ...KEEPALIVE,
    algorithms: { serverHostKey: algorithm as never },
    hostVerifier: (shown: Buffer) => {
      const isPinned = shown.equals(Buffer.from(pinned, 'base64'));
      if (!isPinned) onMismatch();
      return isPinned;
    },
  };
}

function faultOf(name: string, { host, port, username, keyFile }: SshAddress, error: Error & { level?: string }, mismatch: boolean): string {
  const place = `ssh://${username}@${host}:${port}`;
  if (mismatch) return `The host ${name} (${place}) shows another host key than the settings have: nothing was sent to it.`;
  if (error.level === 'client-authentication') return `The host ${name} (${place}) does not take the key of ${keyFile}.`;
  return `The host ${name} (${place}) does not answer: ${error.message}.`;
}

function execute(name: string, client: Client, command: string, { input, signal }: RunOptions): Promise<RunOutcome> {
  return new Promise((resolve, reject) => {
    const lost = (why: string, cause?: unknown): void => reject(new FogbowError('cloud-unavailable', `The host ${name} did not answer: ${why}.`, { cause }));
    client.exec(command, (error, channel) => {
      if (error) return lost(error.message, error);
      const abort = (): void => {
        channel.close();
        lost('there was no time left', signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      collect(channel, (outcome) => {
        signal.removeEventListener('abort', abort);
        if (outcome) resolve(outcome);
        else lost('the connection broke, or it said too much');
      });
      feed(channel, input);
    });
  });
}

function collect(channel: ClientChannel, done: (outcome: RunOutcome | undefined) => void): void {
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let [size, status]: [number, number | undefined] = [0, undefined];
  for (const [stream, chunks] of [[channel, said.stdout], [channel.stderr, said.stderr]] as const) {
    stream.on('error', () => undefined).on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) channel.close();
      else chunks.push(chunk);
    });
  }
  channel.once('exit', (code: number | null) => { status = code ?? -1; });
  channel.once('close', () => {
    const [stdout, stderr] = [said.stdout, said.stderr].map((chunks) => Buffer.concat(chunks).toString('utf8')) as [string, string];
    done(status === undefined || size > MOST_OUTPUT ? undefined : { status, stdout, stderr });
  });
}
