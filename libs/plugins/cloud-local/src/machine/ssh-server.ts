import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Server, utils } from 'ssh2';
import type { Connection } from 'ssh2';
import type { Admit } from './accounts.js';
import { serveSession } from './serve-session.js';
import type { SessionSetting } from './serve-session.js';

/** Whoever has not logged in by then is sent away. */
const LOGIN_MS = 30_000;

export interface SshServerOptions {
  readonly hostKeyFile: string;
  readonly admit: Admit;
  /** The port to take if it is free; 0 or taken: any. */
  readonly preferredPort: number;
  session(username: string): SessionSetting;
}

/** Listens on loopback and returns the port. The machine never closes it: it ends with its process. */
export async function startSshServer(options: SshServerOptions): Promise<number> {
  const server = new Server({ hostKeys: [hostKey(options.hostKeyFile)] }, (client) => serveClient(client, options));
  const listen = (port: number): Promise<void> => new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  await listen(options.preferredPort).catch(() => listen(0));
  server.on('error', (error: Error) => console.log(`[ssh] ${error.message}`));
  return (server.address() as AddressInfo).port;
}

function serveClient(client: Connection, { admit, session }: SshServerOptions): void {
  let username = '';
  client.on('error', () => undefined);
  (client as Connection & { setNoDelay?(on: boolean): void }).setNoDelay?.(true); // Not in its types; without it small packets wait.
  const lateness = setTimeout(() => client.end(), LOGIN_MS);
  client.once('close', () => clearTimeout(lateness));
  client.on('authentication', (context) => {
    if (context.method !== 'publickey' || !admit(context)) return context.reject(['publickey']);
    username = context.username;
    context.accept();
  });
  client.on('ready', () => {
    clearTimeout(lateness);
    client.on('session', (accept) => serveSession(accept(), session(username)));
  });
}

/** The machine keeps its host key for life, so clients that know it are not alarmed after a restart. */
function hostKey(file: string): string {
  if (!existsSync(file)) writeFileSync(file, utils.generateKeyPairSync('ed25519').private, { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
