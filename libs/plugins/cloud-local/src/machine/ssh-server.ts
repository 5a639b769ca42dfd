import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Server, utils } from 'ssh2';
import type { Connection } from 'ssh2';
import type { Admission, Admit } from './accounts.js';
import { serveSession } from './serve-session.js';
import type { SessionSetting } from './serve-session.js';

/** Whoever has not logged in by then is sent away. */
const LOGIN_MS = 30_000;

export interface SshServerOptions {
  readonly hostKeyFile: string;
  readonly admit: Admit;
  session(username: string): Omit<SessionSetting, keyof Admission>;
}

/** Where the server listens. The machine never closes it: it ends with its process. */
export interface SshListener {
  readonly host: string;
  readonly port: number;
}

/** Listens on loopback, on the port that is preferred if it is free, and returns the port. */
export async function startSshServer(options: SshServerOptions, preferredPort: number): Promise<number> {
  const host = '127.0.0.1';
  const { port } = await listenForSsh(options, { host, port: preferredPort }).catch(() => listenForSsh(options, { host, port: 0 }));
  return port;
}

/** Rejects where the address cannot be listened on. */
export async function listenForSsh(options: SshServerOptions, { host, port }: SshListener): Promise<SshListener> {
  const server = new Server({ hostKeys: [hostKey(options.hostKeyFile)] }, (client) => serveClient(client, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error: Error) => console.log(`[ssh] ${error.message}`));
  return { host, port: (server.address() as AddressInfo).port };
}

/** The public half of the machine's host key, as an OpenSSH line without a comment. */
export function publicHostKey(file: string): string {
  const key = [utils.parseKey(hostKey(file))].flat()[0];
  if (!key || key instanceof Error) throw new Error('The host key cannot be read.');
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

function serveClient(client: Connection, { admit, session }: SshServerOptions): void {
  let username = '';
  let admission: Admission | undefined;
  client.on('error', () => undefined);
  (client as Connection & { setNoDelay?(on: boolean): void }).setNoDelay?.(true); // Not in its types; without it small packets wait.
  const lateness = setTimeout(() => client.end(), LOGIN_MS);
  client.once('close', () => clearTimeout(lateness));
  client.on('authentication', (context) => {
    admission = context.method === 'publickey' ? admit(context) : undefined;
    if (!admission) return context.reject(['publickey']);
    username = context.username;
    context.accept();
  });
  client.on('ready', () => {
    clearTimeout(lateness);
    client.on('session', (accept) => serveSession(accept(), { ...session(username), ...admission }));
  });
}

/** The machine keeps its host key for life, so clients that know it are not alarmed after a restart. */
function hostKey(file: string): string {
  if (!existsSync(file)) writeFileSync(file, newHostKey(), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** About one of two hundred keys that ssh2 makes is malformed (17 of 3,000 when measured), so each is read before it is kept. */
export function newHostKey(): string {
  for (;;) {
    const key = utils.generateKeyPairSync('ed25519').private;
    if (!(utils.parseKey(key) instanceof Error)) return key;
  }
}
