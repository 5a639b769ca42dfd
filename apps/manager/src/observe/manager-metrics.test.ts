import { Registry } from 'prom-client';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { JobQueues } from '@fogbow/queues';
import type { Kysely } from 'kysely';
import { WHOISALIVE } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { addManagerMetrics, createCallMetrics, measureLink } from './manager-metrics.js';

let registry: Registry;
beforeEach(() => { registry = new Registry(); });
const failing = () => Promise.reject(new FogbowError('cloud-unavailable', 'gone'));

test('calls to the cloud are counted by their end', async () => {
  const measure = createCallMetrics(registry);
  expect(await measure('own', () => Promise.resolve(5))).toBe(5);
  await expect(measure('own', failing)).rejects.toThrow('gone');
  const text = await registry.metrics();
  expect(text).toContain('fogbow_cloud_call_seconds_count{cloud="own",outcome="ok"} 1');
  expect(text).toContain('fogbow_cloud_call_seconds_count{cloud="own",outcome="cloud-unavailable"} 1');
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

test('a scrape goes on without database and Redis, and tells nothing that it does not know', async () => {
  const depth = jest.fn((queue: string) => (queue === 'placement' ? Promise.resolve(7) : failing()));
  addManagerMetrics({ registry, self: 'a.test', database: {} as Kysely<unknown>, queues: { depth } as unknown as JobQueues, tunnelQueues: undefined });
  const text = await registry.metrics();
  expect(text).toContain('fogbow_queue_jobs{queue="placement"} 7');
  expect(text).not.toMatch(/^fogbow_(orders|removals_waiting|workers_alive)\S* \d/m);
  expect(depth).not.toHaveBeenCalledWith('tunnel-grants');
});
