import { Registry } from 'prom-client';
import { createFirstTimes } from './first-times.js';
import { createLineBudget } from './line-budget.js';
import { createRendezvousMetrics } from './rendezvous-metrics.js';

it('allows so many lines a minute', () => {
  const time = { ms: 0 };
  const allows = createLineBudget({ uptime: () => time.ms }, 2);
  expect([allows(), allows(), allows()]).toEqual([true, true, false]);
  time.ms = 59_999;
  expect(allows()).toBe(false);
  time.ms = 60_000;
  expect([allows(), allows(), allows()]).toEqual([true, true, false]);
});

it('knows first times, within bounds', () => {
  const isFirst = createFirstTimes(2);
  expect(['a', 'a', 'b', 'c', 'b', 'a'].map(isFirst)).toEqual([true, false, true, true, false, true]);
});

it('shows the members that are alive and what was counted', async () => {
  const registry = new Registry();
  const alive = { count: async () => 7 };
  const watch = createRendezvousMetrics(registry, () => alive.count());
  watch.announcement('entered');
  watch.sync('failed');
  watch.refusal('sync');
  watch.dropped(3);
  const text = await registry.metrics();
  for (const line of ['fogbow_members 7', 'announcements_total{outcome="entered"} 1', 'syncs_total{outcome="failed"} 1', 'refusals_total{what="sync"} 1', 'dropped_total 3']) expect(text).toContain(line);
  alive.count = () => Promise.reject(new Error('Redis is away'));
  expect(await registry.metrics()).toContain('dropped_total 3');
});
