import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import net from 'node:net';
import { userInfo } from 'node:os';
import { freePort, isPortFree } from '@fogbow/embedded-servers';
import { connectRedis, createJobQueues } from '@fogbow/queues';
import { newId } from '@fogbow/service-runtime';

/** A server at which machines open tunnels: ours or OpenSSH's. */
export interface TunnelServer {
  readonly name: 'ours' | 'sshd';
  readonly sshPort: number;
  readonly pid: number;
  /** As many rights to open a tunnel as asked for, each with its public port. */
  rights(count: number): Promise<readonly TunnelRight[]>;
  stop(): Promise<void>;
}

export interface TunnelRight {
  readonly user: string;
  readonly port: number;
  /** How it proves itself: its secret, or the key in keyFile. */
  readonly secret?: string;
  readonly keyFile?: string;
}

const SSHD = '/usr/sbin/sshd';
const MANAGER = 'bench';

/** Ports that the system gives to nobody by itself, and that are free now. */
export async function freeRange(length: number): Promise<number> {
  for (let from = 20_100; from + length < 32_700; from += 100) {
    const some = await Promise.all([from, from + Math.floor(length / 2), from + length].map((port) => isPortFree(port)));
    if (some.every(Boolean)) return from;
  }
  throw new Error('There is no free range of ports.');
}

export async function startOurs(folder: string, redisUrl: string, ports: number, settings: Readonly<Record<string, unknown>> = {}): Promise<TunnelServer> {
  const [sshPort, httpPort, from, prefix] = [await freePort(), await freePort(), await freeRange(ports), `bench-${newId()}`];
  const config = {
    'ssh.host': '127.0.0.1', 'ssh.port': sshPort, 'ssh.hostKeyFile': join(folder, 'host-key'), 'ports.host': '127.0.0.1', 'ports.from': from, 'ports.to': from + ports,
    publicHost: '127.0.0.1', dialHost: '127.0.0.1', 'redis.url': redisUrl, 'redis.prefix': prefix, 'http.port': httpPort, 'log.level': 'warn',
    'limits.unauthenticated': 10_000, 'limits.unauthenticatedPerAddress': 10_000, 'limits.connectionsPerTunnel': 4096, ...settings,
  };
  writeFileSync(join(folder, 'tunnel.yaml'), JSON.stringify(config));
  const bundle = join(process.env['FOGBOW_ROOT'] ?? '.', 'dist', 'apps', 'reverse-tunnel', 'main.js');
  const node = process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [];
  const child = spawn(process.execPath, [...node, bundle, '--config', join(folder, 'tunnel.yaml')], { stdio: ['ignore', 'inherit', 'inherit'] });
  await until(() => answersHttp(httpPort));
  const producer = connectRedis(redisUrl, 'producer', () => undefined);
  const worker = connectRedis(redisUrl, 'worker', () => undefined);
  await new Promise((resolve) => { producer.once('ready', resolve); });
  const queues = createJobQueues({ connection: producer, eventsConnection: worker, prefix, onError: () => undefined });
  return {
    name: 'ours', sshPort, pid: child.pid ?? 0,
    async rights(count) {
      const grants = Array.from({ length: count }, () => ({ id: newId(), secretHash: sha256('secret'), owner: 'bench', services: [{ name: 'bench' }] }));
      const made = await queues.request('grant-tunnels', { manager: MANAGER, grants }, 60_000);
      return made.grants.map((grant) => ({ user: grant.id, secret: 'secret', port: 'services' in grant ? grant.services[0]?.port ?? 0 : 0 }));
    },
    async stop() {
      await queues.close();
      producer.disconnect();
      worker.disconnect();
      await stopChild(child);
    },
  };
}

/** OpenSSH's own server, with one key that may forward any port. */
export async function startSshd(folder: string, ports: number): Promise<TunnelServer> {
  const [sshPort, from] = [await freePort(), await freeRange(ports)];
  const file = (name: string): string => join(folder, name);
  for (const name of ['sshd-host-key', 'user-key']) if (!existsSync(file(name))) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  writeFileSync(file('authorized'), readFileSync(file('user-key.pub')));
  chmodSync(file('authorized'), 0o600);
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(file('sshd_config'), [
    `Port ${sshPort}`, 'ListenAddress 127.0.0.1', `HostKey ${file('sshd-host-key')}`, `AuthorizedKeysFile ${file('authorized')}`, `PidFile ${file('sshd.pid')}`, 'StrictModes no', 'UsePAM no',
    'AllowTcpForwarding remote', 'MaxStartups 2000', 'PasswordAuthentication no', 'LogLevel ERROR', 'UseDNS no', 'PermitRootLogin yes', '',
  ].join('\n'));
  const child = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until(() => answers(sshPort));
  let next = from;
  return {
    name: 'sshd', sshPort, pid: child.pid ?? 0,
    rights: (count) => Promise.resolve(Array.from({ length: count }, () => ({ user: userInfo().username, port: next++, keyFile: file('user-key') }))),
    stop: () => stopChild(child),
  };
}

/** A machine: the OpenSSH client, with one tunnel to `target` on this host. Resolves when its port is open. */
export async function dial(server: TunnelServer, right: TunnelRight, target: number, { folder, cipher }: { folder: string; cipher?: string | undefined }): Promise<{ stop(): Promise<void> }> {
  const askpass = join(folder, 'askpass');
  if (!existsSync(askpass)) writeFileSync(askpass, '#!/bin/sh\necho secret\n', { mode: 0o700 });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ExitOnForwardFailure=yes', 'LogLevel=ERROR', 'NumberOfPasswordPrompts=1', ...(cipher ? [`Ciphers=${cipher}`] : [])];
  const proof = right.keyFile ? ['-i', right.keyFile, '-o', 'IdentitiesOnly=yes'] : ['-o', 'PreferredAuthentications=password'];
  const child = spawn('ssh', ['-F', '/dev/null', '-N', '-T', '-p', String(server.sshPort), '-l', right.user, ...options.flatMap((option) => ['-o', option]), ...proof,
    '-R', `127.0.0.1:${right.port}:127.0.0.1:${target}`, '127.0.0.1'], {
    env: { PATH: '/usr/bin:/bin', DISPLAY: 'none', SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`ssh to ${server.name} ended with ${child.exitCode}.`);
    return await answers(right.port);
  });
  return { stop: () => stopChild(child) };
}

/** Asks by connecting: to try and bind it would stand in the server's way. */
const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function answersHttp(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/health/ready`).then((answer) => answer.ok, () => false);
}

export async function until(holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!await holds()) {
    if (performance.now() > end) throw new Error('It took too long.');
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const cut = setTimeout(() => child.kill('SIGKILL'), 8000);
  await ended;
  clearTimeout(cut);
}
