import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { QUEUES } from '@fogbow/queues';
import type { JobQueues, QueueCounts, QueueName } from '@fogbow/queues';
import { remembered } from '@fogbow/service-runtime';
import type { Clock } from '@fogbow/service-runtime';

export interface ManagerMetricsOptions {
  readonly registry: Registry;
  readonly self: string;
  readonly database: Kysely<unknown>;
  readonly queues: JobQueues;
  /** Absent: the member has no tunnel. */
  readonly tunnelQueues: JobQueues | undefined;
  /** A worker that is silent for so long is dead to the others. */
  readonly deadAfterMs: number;
  readonly clock: Pick<Clock, 'now' | 'uptime'>;
}

/** Queues that lie in the Redis beside the tunnel. */
const AT_TUNNEL: readonly QueueName[] = ['tunnel-grants', 'tunnel-events'];

/** Metrics are told without a token, and the orders are counted for them: however often somebody asks, it is done once in so long. */
const FRESH_MS = 5000;

/** Gauges that are read from database and Redis when somebody asks; every process of a member tells the same. What cannot be read is left out, or NaN. */
export function addManagerMetrics(options: ManagerMetricsOptions): void {
  const { registry, clock } = options;
  const look = remembered(() => lookAround(options), FRESH_MS, clock);
  const gauge = (name: string, help: string, labelNames: readonly string[], tell: (gauge: Gauge, seen: Seen) => void): void => void new Gauge({
    name: `fogbow_${name}`, help, labelNames: [...labelNames], registers: [registry],
    async collect() {
      const seen = await look();
      this.reset();
      tell(this, seen);
    },
  });
  gauge('orders', 'Orders of our users (own) and of other members (served), by kind and state.', ['side', 'kind', 'state'], (orders, seen) => {
    for (const { count, ...labels } of seen.orders ?? []) orders.set(labels, Number(count));
  });
  gauge('oldest_open_order_seconds', 'Since when the oldest order of our users waits for room; those that are valid only later do not count.', [], (one, { oldestOpen = Number.NaN }) => one.set(oldestOpen));
  gauge('removals_waiting', 'Instances that are still to be removed, here or at other members.', [], (one, { removals = Number.NaN }) => one.set(removals));
  gauge('workers_alive', 'Worker processes that have given a sign of life within worker.deadAfter.', [], (one, { workers = Number.NaN }) => one.set(workers));
  gauge('queue_jobs', 'Jobs of a queue, by what they do: waiting, active, delayed, failed (of the last day, a thousand at most).', ['queue', 'state'], (jobs, { queues }) => {
    for (const { queue, counts } of queues) for (const state of ['waiting', 'active', 'delayed', 'failed'] as const) jobs.set({ queue, state }, counts[state]);
  });
  gauge('queue_oldest_job_seconds', 'Since when the job that has waited longest waits in a queue; 0: none waits.', ['queue'], (ages, { queues }) => {
    for (const { queue, counts: { oldest } } of queues) ages.set({ queue }, oldest ? Math.max(0, (clock.now().getTime() - oldest.getTime()) / 1000) : 0);
  });
}

interface OrderCount { readonly side: string; readonly kind: string; readonly state: string; readonly count: string }

/** Undefined and left out is what could not be read. */
interface Seen {
  readonly orders: readonly OrderCount[] | undefined;
  readonly oldestOpen: number | undefined;
  readonly removals: number | undefined;
  readonly workers: number | undefined;
  readonly queues: readonly { readonly queue: QueueName; readonly counts: QueueCounts }[];
}

/** Never rejects: a scrape must not fail, and with it everything else, because one of the servers is away. */
async function lookAround({ self, database, queues, tunnelQueues, deadAfterMs }: ManagerMetricsOptions): Promise<Seen> {
  const one = (query: RawBuilder<{ value: string }>): Promise<number | undefined> => orNothing(async () => Number((await query.execute(database)).rows[0]?.value ?? 0));
  const [orders, oldestOpen, removals, workers, ...counts] = await Promise.all([
    orNothing(async () => (await countOrders(self).execute(database)).rows),
    one(sql`select coalesce(extract(epoch from clock_timestamp() - min(greatest(created_at, valid_from))), 0) as value from orders
      where state = 'open' and requester = ${self} and coalesce(valid_from, created_at) <= now()`),
    one(sql`select count(*) as value from releases`),
    one(sql`select count(*) as value from workers where seen_at > now() - make_interval(secs => ${deadAfterMs / 1000})`),
    ...QUEUES.map((queue) => orNothing(async () => ({ queue, counts: await (AT_TUNNEL.includes(queue) ? tunnelQueues : queues)?.counts(queue) }))),
  ]);
  return { orders, oldestOpen, removals, workers, queues: counts.flatMap((one) => (one?.counts ? [{ queue: one.queue, counts: one.counts }] : [])) };
}

const countOrders = (self: string): RawBuilder<OrderCount> => sql<OrderCount>`
  select case when requester = ${self} then 'own' else 'served' end as side, kind, state, count(*) from orders group by 1, 2, 3`;

const orNothing = <Value>(read: () => Promise<Value>): Promise<Value | undefined> => read().catch(() => undefined);
