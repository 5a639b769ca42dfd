import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { QUEUES } from '@fogbow/queues';
import type { JobQueues, QueueCounts, QueueName } from '@fogbow/queues';

export interface ManagerMetricsOptions {
  readonly registry: Registry;
  readonly self: string;
  readonly database: Kysely<unknown>;
  readonly queues: JobQueues;
  /** Absent: the member has no tunnel. */
  readonly tunnelQueues: JobQueues | undefined;
  now(): Date;
}

/** Queues that lie in the Redis beside the tunnel. */
const AT_TUNNEL: readonly QueueName[] = ['tunnel-grants', 'tunnel-events'];

/** Gauges that are read from database and Redis when somebody asks; every process of a member tells the same. What cannot be read is left out, or NaN. */
export function addManagerMetrics({ registry, self, database, queues, tunnelQueues, now }: ManagerMetricsOptions): void {
  const gauge = (name: string, help: string, labelNames: readonly string[], read: (gauge: Gauge) => Promise<void>): void => void new Gauge({
    name: `fogbow_${name}`, help, labelNames: [...labelNames], registers: [registry],
    async collect() {
      this.reset();
      // A scrape must not fail, and with it everything else, because one of the servers is away.
      await read(this).catch(() => { if (labelNames.length === 0) this.set(Number.NaN); });
    },
  });
  gauge('orders', 'Orders of our users (own) and of other members (served), by kind and state.', ['side', 'kind', 'state'], async (orders) => {
    const { rows } = await sql<{ side: string; kind: string; state: string; count: string }>`
      select case when requester = ${self} then 'own' else 'served' end as side, kind, state, count(*) from orders group by 1, 2, 3`.execute(database);
    for (const { count, ...labels } of rows) orders.set(labels, Number(count));
  });
  gauge('oldest_open_order_seconds', 'Since when the oldest order of our users waits for room; those that are valid only later do not count.', [], async (oldest) => {
    const { rows: [row] } = await sql<{ age: string }>`
      select coalesce(extract(epoch from clock_timestamp() - min(greatest(created_at, valid_from))), 0) as age from orders
      where state = 'open' and requester = ${self} and coalesce(valid_from, created_at) <= now()`.execute(database);
    oldest.set(Number(row?.age ?? 0));
  });
  gauge('removals_waiting', 'Instances that are still to be removed, here or at other members.', [], async (removals) => {
    const { rows: [row] } = await sql<{ count: string }>`select count(*) from releases`.execute(database);
    removals.set(Number(row?.count ?? 0));
  });
  gauge('workers_alive', 'Worker processes that have given a sign of life within a minute.', [], async (workers) => {
    const { rows: [row] } = await sql<{ count: string }>`select count(*) from workers where seen_at > now() - interval '1 minute'`.execute(database);
    workers.set(Number(row?.count ?? 0));
  });
  const lookAtQueues = sharedLook(async () => await Promise.allSettled(QUEUES.map(async (queue) => ({ queue, counts: await (AT_TUNNEL.includes(queue) ? tunnelQueues : queues)?.counts(queue) }))));
  const eachQueue = async (tell: (queue: string, counts: QueueCounts) => void): Promise<void> => {
    for (const look of await lookAtQueues()) if (look.status === 'fulfilled' && look.value.counts) tell(look.value.queue, look.value.counts);
  };
  gauge('queue_jobs', 'Jobs of a queue, by what they do: waiting, active, delayed, failed (of the last day, a thousand at most).', ['queue', 'state'], (jobs) => eachQueue((queue, counts) => {
    for (const state of ['waiting', 'active', 'delayed', 'failed'] as const) jobs.set({ queue, state }, counts[state]);
  }));
  gauge('queue_oldest_job_seconds', 'Since when the job that has waited longest waits in a queue; 0: none waits.', ['queue'], (ages) => eachQueue((queue, { oldest }) => {
    ages.set({ queue }, oldest ? Math.max(0, (now().getTime() - oldest.getTime()) / 1000) : 0);
  }));
}

/** Who asks while another look is under way gets the same. */
function sharedLook<Seen>(look: () => Promise<Seen>): () => Promise<Seen> {
  let shared: Promise<Seen> | undefined;
  return () => (shared ??= look().finally(() => setImmediate(() => { shared = undefined; })));
}
