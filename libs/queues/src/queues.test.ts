import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { currentCorrelation, withCorrelation } from '@fogbow/service-runtime';
import { connectRedis } from './connection.js';
import { createJobQueues } from './job-queue.js';
import type { JobQueues } from './job-queue.js';
import { startJobWorkers } from './job-worker.js';
import type { JobHandlers, JobWorkers } from './job-worker.js';
import { JOBS, QUEUES } from './jobs.js';
import type { JobName } from './jobs.js';

jest.setTimeout(10_000);
const ignore = (): undefined => undefined;
const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

function producer(url: string, prefix: string): { queues: JobQueues; connection: Redis } {
  const [connection, eventsConnection] = [connectRedis(url, 'producer', ignore), connectRedis(url, 'worker', ignore)];
  closing.push(() => connection.disconnect(), () => eventsConnection.disconnect());
  const queues = createJobQueues({ connection, eventsConnection, prefix, onError: ignore });
  closing.push(() => queues.close());
  return { queues, connection };
}

function workers(url: string, prefix: string, handlers: JobHandlers): JobWorkers {
  const connection = connectRedis(url, 'worker', ignore);
  closing.push(() => connection.disconnect());
  const started = startJobWorkers({ connection, prefix, handlers, onError: ignore });
  closing.push(() => started.close());
  return started;
}

/** Counts calls, and lets a test wait for the n-th. */
function counter(): { hit(): void; reached(times: number): Promise<void>; count(): number } {
  let count = 0;
  const waiting: { times: number; resolve: () => void }[] = [];
  return {
    hit: () => { count += 1; for (const one of waiting) if (count >= one.times) one.resolve(); },
    reached: (times) => (count >= times ? Promise.resolve() : new Promise((resolve) => waiting.push({ times, resolve }))),
    count: () => count,
  };
}

const ready = async (connection: Redis): Promise<void> => { if (connection.status !== 'ready') await once(connection, 'ready'); };
const tunnelHandlers = (grant: JobHandlers['grant-tunnels']): JobHandlers =>
  ({ 'grant-tunnels': grant, 'revoke-tunnels': () => Promise.resolve(), 'replace-tunnels': () => Promise.resolve() }) as JobHandlers;
const GRANT = { manager: 'a', grants: [] };
const ENDPOINT = { dialHost: 'h', dialPort: 1, publicHost: 'p', hostKey: 'k' };

describe('over the Redis of the run', () => {
  const url = (): string => String(process.env['TEST_REDIS_URL']);
  const prefix = (): string => `q-${randomUUID()}`;

  test('a call goes on in the name of the request that made it, a duty in nobody’s; neither payload shows it', async () => {
    const name = prefix();
    const { queues, connection } = producer(url(), name);
    await ready(connection);
    const seen: unknown[] = [];
    const both = counter();
    const look = (payload: unknown): Promise<never> => { seen.push([payload, currentCorrelation()?.requestId]); both.hit(); return Promise.resolve(undefined as never); };
    const rest = Object.fromEntries((Object.keys(JOBS) as JobName[]).filter((job) => ['placement', 'federation'].includes(JOBS[job].queue)).map((job) => [job, look]));
    workers(url(), name, rest);
    const call = { how: 'post' as const, to: 'b', message: 'order', until: '' };
    await withCorrelation({ requestId: 'story.1' }, () => Promise.all([queues.add('send-message', call), queues.add('place-orders', {})]));
    await both.reached(2);
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(expect.arrayContaining([[call, 'story.1'], [{}, undefined]]));
  });

  test('Redis keeps few events of a queue, also after it has lost everything', async () => {
    const name = prefix();
    const { queues, connection } = producer(url(), name);
    await ready(connection);
    await queues.add('place-orders', {});
    const limit = (): Promise<string | null> => connection.hget(`${name}:placement:meta`, 'opts.maxLenEvents');
    expect(await limit()).toBe('1000');
    await connection.del(`${name}:placement:meta`);
    connection.disconnect(true);
    await once(connection, 'ready');
    expect(await limit()).toBe('1000');
  });

  test('a job reaches one worker', async () => {
    const name = prefix();
    const seen = counter();
    for (let index = 0; index < 2; index += 1) workers(url(), name, { 'release-instances': () => Promise.resolve(seen.hit()) });
    const { queues, connection } = producer(url(), name);
    await ready(connection);
    await queues.add('release-instances', {});
    await seen.reached(1);
    expect(await queues.depth('release')).toBe(0);
    expect(seen.count()).toBe(1);
  });

  test('jobs of one id that wait at the same time are one job', async () => {
    const name = prefix();
    const { queues, connection } = producer(url(), name);
    await ready(connection);
    for (let index = 0; index < 5; index += 1) await queues.add('release-instances', {}, { dedupeId: 'one', dedupeMs: 60_000, delayMs: 30_000 });
    await queues.add('release-instances', {}, { dedupeId: 'two', dedupeMs: 60_000, delayMs: 30_000 });
    expect(await queues.depth('release')).toBe(2);
  });

  test('a request gets the answer of its handler', async () => {
    const name = prefix();
    workers(url(), name, tunnelHandlers(({ manager }) => Promise.resolve({ endpoint: { ...ENDPOINT, publicHost: manager }, grants: [] })));
    const { queues, connection } = producer(url(), name);
    await ready(connection);
    const answers = await Promise.all(Array.from({ length: 10 }, () => queues.request('grant-tunnels', GRANT, 10_000)));
    expect(answers).toEqual(Array.from({ length: 10 }, () => ({ endpoint: { ...ENDPOINT, publicHost: 'a' }, grants: [] })));
  });

  test('a request whose handler throws is internal; one that nobody takes is a timeout', async () => {
    const [busy, silent] = [prefix(), prefix()];
    workers(url(), busy, tunnelHandlers(() => Promise.reject(new Error('no ports'))));
    const first = producer(url(), busy);
    const second = producer(url(), silent);
    await Promise.all([ready(first.connection), ready(second.connection)]);
    await expect(first.queues.request('grant-tunnels', GRANT, 10_000)).rejects.toMatchObject({ code: 'internal', message: 'no ports' });
    await expect(second.queues.request('grant-tunnels', GRANT, 300)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a queue without all of its handlers does not start', () => {
    expect(() => workers(url(), prefix(), { 'place-orders': () => Promise.resolve() })).toThrow('No handler for job resend-pending');
  });

  test('every job has a queue of the catalogue and a meaning', () => {
    for (const { queue, meaning } of Object.values(JOBS)) expect([QUEUES.includes(queue), meaning.endsWith('.')]).toEqual([true, true]);
  });
});

describe('over a Redis that comes and goes', () => {
  let directory: string;
  let socket: string;
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', directory], { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of server.stdout as AsyncIterable<Buffer>) if (line.toString().includes('eady to accept')) break;
  };
  const stop = async (): Promise<void> => {
    if (!server || server.exitCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
    rmSync(socket, { force: true });
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fq-'));
    socket = join(directory, 's');
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const url = (): string => `unix://${socket}`;

  test('adding and asking fail at once while it was never there, and work when it comes', async () => {
    const { queues, connection } = producer(url(), 'p');
    await expect(queues.add('release-instances', {})).rejects.toMatchObject({ code: 'unavailable' });
    await expect(queues.request('grant-tunnels', GRANT, 300)).rejects.toMatchObject({ code: 'unavailable' });
    const seen = counter();
    workers(url(), 'p', { 'release-instances': () => Promise.resolve(seen.hit()) });
    await start();
    await ready(connection);
    await queues.add('release-instances', {});
    await seen.reached(1);
  });

  test('what was there before works again when it comes back, empty', async () => {
    await start();
    const { queues, connection } = producer(url(), 'p');
    const seen = counter();
    workers(url(), 'p', { 'release-instances': () => Promise.resolve(seen.hit()) });
    await ready(connection);
    await queues.add('release-instances', {});
    await seen.reached(1);
    await stop();
    await expect(queues.add('release-instances', {})).rejects.toMatchObject({ code: 'unavailable' });
    await start();
    await ready(connection);
    await queues.add('release-instances', {});
    await seen.reached(2);
  });

  test('a wiped Redis costs the jobs that waited, and nothing that comes after', async () => {
    await start();
    const { queues, connection } = producer(url(), 'p');
    const seen = counter();
    const worker = workers(url(), 'p', { 'release-instances': () => Promise.resolve(seen.hit()) });
    await Promise.all([ready(connection), worker.ready()]);
    await queues.add('release-instances', {}, { delayMs: 60_000, dedupeId: 'd', dedupeMs: 60_000 });
    await connection.flushall();
    await queues.add('release-instances', {}, { dedupeId: 'd', dedupeMs: 60_000 });
    await seen.reached(1);
  });
});
