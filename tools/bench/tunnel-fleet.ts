import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { TunnelRight, TunnelServer } from './tunnel-servers.js';

const ROLE = '--tunnel-fleet';
const AT_A_TIME = 8;

interface Order {
  readonly sshPort: number;
  readonly rights: readonly TunnelRight[];
}

/** Many machines in one process of its own: this same program, told so. They dial, forward their ports, and wait. */
export async function startFleet(server: TunnelServer, rights: readonly TunnelRight[]): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [String(process.argv[1]), ROLE], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`${JSON.stringify({ sshPort: server.sshPort, rights } satisfies Order)}\n`);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The fleet ended early.')));
    child.stdout.once('data', () => resolve());
  });
  return {
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** True when this process is the fleet. */
export async function isFleet([role]: readonly string[]): Promise<boolean> {
  if (role !== ROLE) return false;
  process.stdin.once('end', () => process.exit(0));
  let text = '';
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    text += String(chunk);
    if (text.endsWith('\n')) break;
  }
  const { sshPort, rights } = JSON.parse(text) as Order;
  const waiting = [...rights];
  const clients: Client[] = [];
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    for (let right = waiting.pop(); right; right = waiting.pop()) clients.push(await connect(sshPort, right));
  }));
  process.stdout.write('ready\n');
  setInterval(() => clients.length, 60_000);
  return true;
}

function connect(port: number, { user, secret, keyFile, port: forwarded }: TunnelRight): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.once('ready', () => client.forwardIn('127.0.0.1', forwarded, (error) => { if (error) reject(error); else resolve(client); }));
    client.connect({
      host: '127.0.0.1', port, username: user, ...(secret ? { password: secret } : {}), ...(keyFile ? { privateKey: readFileSync(keyFile) } : {}),
      readyTimeout: 120_000, keepaliveInterval: 0, algorithms: { cipher: ['aes256-gcm@openssh.com'] },
    });
  });
}
