import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectRedis } from './connection.js';
import { createJobQueues } from './job-queue.js';
import { startJobWorkers } from './job-worker.js';

jest.setTimeout(40_000);
const ignore = (): undefined => undefined;
const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function redis(args: readonly string[], isReady: string): Promise<ChildProcess> {
  const child = spawn('redis-server', [...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  closing.push(async () => { if (child.exitCode === null && child.signalCode === null) { child.kill('SIGKILL'); await once(child, 'exit'); } });
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => { text += String(bytes); if (text.includes(isReady)) resolve(); });
    child.once('error', reject).once('exit', () => reject(new Error(`redis-server ended: ${text.slice(-500)}`)));
  });
  return child;
}

test('when the master dies the Sentinels name another one, and the queues work on over that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fs-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const [master, replica, sentinel] = [await freePort(), await freePort(), await freePort()];
  const server = (port: number, ...more: string[]): Promise<ChildProcess> =>
    redis(['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--requirepass', 'word', '--masterauth', 'word', '--repl-diskless-sync-delay', '0', ...more], 'eady to accept');
  const first = await server(master);
  await server(replica, '--replicaof', '127.0.0.1', String(master));
  writeFileSync(join(folder, 'sentinel.conf'), [
    `port ${sentinel}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor queues 127.0.0.1 ${master} 1`, 'sentinel auth-pass queues word', 'sentinel down-after-milliseconds queues 500',
    'sentinel failover-timeout queues 3000',
  ].join('\n'));
  await redis([join(folder, 'sentinel.conf'), '--sentinel'], '+monitor master queues');

  const url = `sentinel://:word@127.0.0.1:${sentinel}/queues`;
  const open = (role: 'producer' | 'worker') => {
    const connection = connectRedis(url, role, ignore);
    closing.push(() => connection.disconnect());
    return connection;
  };
  const producer = open('producer');
  const prefix = `s-${randomUUID()}`;
  let [runs, heard] = [0, ignore as () => void];
  const workers = startJobWorkers({ connection: open('worker'), prefix, onError: ignore, handlers: { 'release-instances': () => { runs += 1; heard(); return Promise.resolve(); } } });
  closing.push(() => workers.close());
  const queues = createJobQueues({ connection: producer, prefix, onError: ignore });
  closing.push(() => queues.close());
  const runOne = async (): Promise<void> => {
    const run = new Promise<void>((resolve) => { heard = resolve; });
    // Refused at once while there is no master; whoever needs it asks again, as duties do.
    while (!(await queues.add('release-instances', {}).then(() => true, () => false))) await pause(50);
    await run;
  };
  await runOne();
  // The replica has what it needs to be chosen.
  const admin = connectRedis(`redis://:word@127.0.0.1:${replica}`, 'worker', ignore);
  closing.push(() => admin.disconnect());
  while (!(await admin.info('replication')).includes('master_link_status:up')) await pause(50);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const before = runs;
  await runOne();
  expect(runs).toBeGreaterThan(before);
  expect(await admin.info('replication')).toContain('role:master');
});
