/**
 * Orders fulfilled per second through the real API, Redis and PostgreSQL over a cloud without delay, beside the bare floor:
 * as many no-op jobs of BullMQ, and as many single-row updates, on the same servers in the same run.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Queue, Worker } from 'bullmq';
import { connectRedis } from '@fogbow/queues';
import { post, startBenchManager } from './bench-manager.js';
import type { BenchManager } from './bench-manager.js';
import { median, reportBench } from './report.js';

const ORDERS = 1000;
const ROUNDS = 5;
const CALLERS = 16;

const perSecond = (startedAt: number): number => ORDERS / ((performance.now() - startedAt) / 1000);

/** Runs `count` tasks, `parallel` at a time. */
async function inParallel(count: number, parallel: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (next < count) await task(next++);
  }));
}

/** Jobs added one by one by as many callers as order, and worked off as they come. */
async function floorJobs(redisUrl: string): Promise<number> {
  const prefix = `floor-${randomUUID()}`;
  const [producer, consumer] = [connectRedis(redisUrl, 'worker', () => undefined), connectRedis(redisUrl, 'worker', () => undefined)];
  const queue = new Queue('floor', { connection: producer, prefix });
  queue.setMaxListeners(0);
  let done = 0;
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => { finish = resolve; });
  const worker = new Worker('floor', () => Promise.resolve(), { connection: consumer, prefix, concurrency: 10 });
  worker.on('completed', () => { if (++done === ORDERS) finish(); });
  await Promise.all([worker.waitUntilReady(), queue.waitUntilReady()]);
  const startedAt = performance.now();
  await inParallel(ORDERS, CALLERS, () => queue.add('no-op', { id: randomUUID() }, { removeOnComplete: true }));
  await all;
  const rate = perSecond(startedAt);
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  producer.disconnect();
  consumer.disconnect();
  return rate;
}

/** Updates of one row each, every one a transaction of its own, by as many callers as order. */
async function floorUpdates(databaseUrl: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  await pool.query('create table if not exists floor (id integer primary key, n integer not null default 0)');
  await pool.query('insert into floor select generate_series(0, $1::integer - 1) on conflict do nothing', [ORDERS]);
  const startedAt = performance.now();
  await inParallel(ORDERS, CALLERS, (id) => pool.query('update floor set n = n + 1 where id = $1', [id]));
  const rate = perSecond(startedAt);
  await pool.end();
  return rate;
}

/** From the first POST to the last order fulfilled; then all are deleted, outside of the measured time. */
async function ours(manager: BenchManager, batch: number): Promise<number> {
  const startedAt = performance.now();
  await inParallel(ORDERS / batch, Math.min(CALLERS, ORDERS / batch), () => post(manager, { count: batch, flavor: 'small' }));
  await manager.untilFulfilled(ORDERS);
  const rate = perSecond(startedAt);
  await manager.clear();
  return rate;
}

async function main(): Promise<void> {
  const manager = await startBenchManager();
  const rates = { jobs: [] as number[], updates: [] as number[], ones: [] as number[], fifties: [] as number[] };
  try {
    await ours(manager, 50);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.jobs.push(await floorJobs(manager.redisUrl));
      rates.ones.push(await ours(manager, 1));
      rates.updates.push(await floorUpdates(manager.databaseUrl));
      rates.fifties.push(await ours(manager, 50));
    }
  } finally {
    await manager.stop();
  }
  const [jobs, updates, ones, fifties] = [median(rates.jobs), median(rates.updates), median(rates.ones), median(rates.fifties)];
  const floor = Math.min(jobs, updates);
  process.stdout.write(`floors, per second: no-op jobs ${Math.round(jobs)}, single-row updates ${Math.round(updates)}; ${ORDERS} orders, medians of ${ROUNDS} rounds\n`);
  const unit = 'orders/s';
  reportBench([
    { what: 'batches of 1 against the slower floor', ours: ones, peer: floor, unit, ratio: ones / floor, goal: 0.25 },
    { what: 'batches of 50 against the slower floor', ours: fifties, peer: floor, unit, ratio: fifties / floor, goal: 0.25 },
    { what: 'batches of 50 against 300 a second', ours: fifties, peer: 300, unit, ratio: fifties / 300, goal: 1 },
  ]);
}

void main();
