// The servers of one test run, in a process of its own: it ends them when its standard input closes, which the kernel
// does for us even when jest is killed. Prints one line of JSON when both are ready.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, startRedis } from '@fogbow/embedded-servers';

const say = (line: string): void => void process.stderr.write(`tests: ${line}\n`);

async function serve(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fb-'));
  // PostgreSQL runs as another user when we are root, and must be able to pass through.
  chmodSync(directory, 0o711);
  const ending = new Promise<void>((resolve) => {
    process.stdin.on('end', resolve).on('close', resolve).on('error', () => resolve()).resume();
    process.once('SIGTERM', () => resolve());
    process.on('SIGINT', () => undefined);
  });
  const shared = { durable: false, log: say };
  const started = await Promise.allSettled([
    startPostgres({ ...shared, directory: join(directory, 'postgres'), logFile: join(directory, 'postgres.log') }),
    startRedis({ ...shared, directory: join(directory, 'redis'), unixSocket: join(directory, 'redis.sock'), install: true, logFile: join(directory, 'redis.log') }),
  ]);
  const [postgres, redis] = started;
  const faults = started.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as Error).message] : []));
  const urls = postgres.status === 'fulfilled' && redis.status === 'fulfilled' ? { postgres: postgres.value.url('postgres'), redis: redis.value.url } : {};
  process.stdout.write(`${JSON.stringify({ ...urls, faults })}\n`);
  if (faults.length === 0) await ending;
  await Promise.all(started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)));
  if (postgres.status === 'fulfilled') postgres.value.wipe();
  rmSync(directory, { recursive: true, force: true });
  rmSync(__filename, { force: true });
}

process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
serve().then(() => process.exit(0), (error: Error) => {
  process.stderr.write(`tests: ${error.message}\n`);
  process.exit(1);
});
