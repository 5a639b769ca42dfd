import { Registry } from 'prom-client';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { JobQueues } from '@fogbow/queues';
import type { Kysely } from 'kysely';
import { WHOISALIVE } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { createCallMetrics } from './call-metrics.js';
import { measureLink } from './link-metrics.js';
import { addManagerMetrics } from './manager-metrics.js';

let registry: Registry;
beforeEach(() => { registry = new Registry(); });
const failing = () => Promise.reject(new FogbowError('cloud-unavailable', 'gone'));

test('calls to the cloud are counted by their end', async () => {
  const measure = createCallMetrics(registry);
  expect(await measure('own', 'create', () => Promise.resolve(5))).toBe(5);
  await expect(measure('own', 'list', failing)).rejects.toThrow('gone');
  const text = await registry.metrics();
  expect(text).toContain('fogbow_cloud_call_seconds_count{cloud="own",operation="create",outcome="ok"} 1');
  expect(text).toContain('fogbow_cloud_call_seconds_count{cloud="own",operation="list",outcome="cloud-unavailable"} 1');
});

test('messages are counted by name and end', async () => {
  const answers = [Promise.resolve({}), failing()];
  const link = measureLink({ connected: () => true, request: () => answers.shift(), post: () => Promise.resolve() } as unknown as FederationLink, registry);
  await link.request('b.test', WHOISALIVE, {});
  await expect(link.request('b.test', WHOISALIVE, {})).rejects.toThrow();
  await link.post('b.test', WHOISALIVE, {}, { id: '1' });
  const text = await registry.metrics();
  for (const outcome of ['ok', 'cloud-unavailable', 'sent']) expect(text).toContain(`fogbow_messages_total{message="${WHOISALIVE.name}",outcome="${outcome}"} 1`);
  expect(text).toContain('fogbow_federation_connected 1');
});

test('what other members say is counted by name and by what they were answered', async () => {
  const handlers: ((from: string, payload: unknown, id: string) => Promise<unknown>)[] = [];
  const link = measureLink({ connected: () => false, handle: (_message: unknown, handler: (typeof handlers)[0]) => handlers.push(handler) } as unknown as FederationLink, registry);
  const ends: (() => Promise<never>)[] = [() => Promise.resolve({} as never), () => Promise.resolve('later' as never), failing];
  link.handle(WHOISALIVE, () => (ends.shift() as () => Promise<never>)());
  for (let time = 0; time < 3; time += 1) await handlers[0]?.('b.test', {}, '1').catch(() => undefined);
  const text = await registry.metrics();
  for (const outcome of ['ok', 'later', 'cloud-unavailable']) expect(text).toContain(`fogbow_messages_heard_total{message="${WHOISALIVE.name}",outcome="${outcome}"} 1`);
  expect(text).toContain('fogbow_federation_connected 0');
});

test('a scrape goes on without database and Redis, and tells nothing that it does not know', async () => {
  const now = new Date();
  let uptime = 0;
  const counts = jest.fn((queue: string) => (queue === 'placement' ? Promise.resolve({ waiting: 7, active: 1, delayed: 0, failed: 2, oldest: new Date(now.getTime() - 1500) }) : failing()));
  addManagerMetrics({ registry, self: 'a.test', database: {} as Kysely<unknown>, queues: { counts } as unknown as JobQueues, tunnelQueues: undefined, deadAfterMs: 15_000, clock: { now: () => now, uptime: () => uptime } });
  const text = await registry.metrics();
  for (const [state, count] of Object.entries({ waiting: 7, active: 1, delayed: 0, failed: 2 })) expect(text).toContain(`fogbow_queue_jobs{queue="placement",state="${state}"} ${count}`);
  expect(text).toContain('fogbow_queue_oldest_job_seconds{queue="placement"} 1.5');
  expect(text).not.toMatch(/^fogbow_(orders|removals_waiting|workers_alive)\S* \d/m);
  expect(text).not.toContain('queue="release"');
  expect(counts).not.toHaveBeenCalledWith('tunnel-grants');
  // All gauges share one look, and so do scrapes that follow each other closely.
  const looks = (): number => counts.mock.calls.filter(([queue]) => queue === 'placement').length;
  await Promise.all([registry.metrics(), registry.metrics()]);
  expect(looks()).toBe(1);
  uptime = 5000;
  await registry.metrics();
  expect(looks()).toBe(2);
});
