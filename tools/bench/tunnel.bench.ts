/**
 * The Reverse Tunnel beside OpenSSH's own `sshd -R`, in one run on one machine with the same OpenSSH client and the same cipher, in turn: bulk in both
 * directions with one stream and eight, questions and answers, new connections, time until a tunnel is open, memory of idle tunnels; and how many
 * tunnels one host holds. Options: --rounds N (default 5), --only TEXT, --ciphers A,B (default: what both negotiate by themselves),
 * --idle N (default 500), --held N (default 5000), --workers N. Needs root and /usr/sbin/sshd.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, startRedis } from '@fogbow/embedded-servers';
import { reportBench } from './report.js';
import type { BenchRow } from './report.js';
import { isFleet } from './tunnel-fleet.js';
import { measureTunnels } from './tunnel-measures.js';
import { isTraffic } from './tunnel-traffic.js';

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (await isTraffic(argv) || await isFleet(argv)) return;
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' }, ciphers: { type: 'string', default: '' }, idle: { type: 'string', default: '500' },
      held: { type: 'string', default: '5000' }, workers: { type: 'string' }, json: { type: 'string' },
    },
  });
  if (process.getuid?.() !== 0 || !existsSync('/usr/sbin/sshd')) throw new Error('This bench needs root and OpenSSH’s server, /usr/sbin/sshd.');
  const folder = mkdtempSync(join(tmpdir(), 'fb-'));
  const redis = await startRedis({ directory: join(folder, 'redis'), port: await freePort(), durable: true, logFile: join(folder, 'redis.log'), log: () => undefined, install: true });
  const rows: BenchRow[] = [];
  try {
    await measureTunnels({
      folder, redisUrl: redis.url, rounds: Number(values.rounds), only: values.only, ciphers: values.ciphers === '' ? [undefined] : values.ciphers.split(','),
      idle: Number(values.idle), held: Number(values.held), settings: values.workers ? { workers: Number(values.workers) } : {},
    }, rows);
  } finally {
    if (rows.length > 0) reportBench(rows);
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
