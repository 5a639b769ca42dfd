import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { FederationLink } from '@fogbow/messaging';
import { asFogbowError } from '@fogbow/plugin-contracts';
import { QUEUES } from '@fogbow/queues';
import type { JobQueues, QueueName } from '@fogbow/queues';

export interface ManagerMetricsOptions {
  readonly registry: Registry;
  readonly self: string;
  readonly database: Kysely<unknown>;
  readonly queues: JobQueues;
  /** Absent: the member has no tunnel. */
  readonly tunnelQueues: JobQueues | undefined;
}

/** Queues that lie in the Redis beside the tunnel. */
const AT_TUNNEL: readonly QueueName[] = ['tunnel-grants', 'tunnel-events'];

/** Gauges that are read from database and Redis when somebody asks; every process of a member tells the same. What cannot be read is left out, or NaN. */
export function addManagerMetrics({ registry, self, database, queues, tunnelQueues }: ManagerMetricsOptions): void {
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
  gauge('queue_jobs', 'Jobs that wait in a queue, delayed ones too.', ['queue'], async (jobs) => {
    const depths = await Promise.allSettled(QUEUES.map(async (queue) => [queue, await (AT_TUNNEL.includes(queue) ? tunnelQueues : queues)?.depth(queue)] as const));
    for (const depth of depths) if (depth.status === 'fulfilled' && depth.value[1] !== undefined) jobs.set({ queue: depth.value[0] }, depth.value[1]);
  });
}

/** Runs a call to the cloud of that name. */
export type MeasureCall = <T>(cloud: string, work: () => Promise<T>) => Promise<T>;

/** How calls to the clouds end, and how long they take. */
export function createCallMetrics(registry: Registry): MeasureCall {
  const seconds = new Histogram({ name: 'fogbow_cloud_call_seconds', help: 'Calls to the cloud of this process, by their end: ok, or the code of the error.', labelNames: ['cloud', 'outcome'], buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60], registers: [registry] });
  return async (cloud, work) => {
    const end = seconds.startTimer();
    try {
      const result = await work();
      end({ cloud, outcome: 'ok' });
      return result;
    } catch (error) {
      end({ cloud, outcome: asFogbowError(error).code });
      throw error;
    }
  };
}

/** The same link, which counts what it says to other members and how that ends, and tells whether it is connected at all. */
export function measureLink(link: FederationLink, registry: Registry): FederationLink {
  const messages = new Counter({ name: 'fogbow_messages_total', help: 'Requests of this process to other members, by their end: ok, sent (an answer comes later), or the code of the error.', labelNames: ['message', 'outcome'], registers: [registry] });
  void new Gauge({ name: 'fogbow_federation_connected', help: 'Whether this process can speak to other members.', registers: [registry], collect() { this.set(link.connected() ? 1 : 0); } });
  const counted = async <T>(message: string, good: string, work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      messages.inc({ message, outcome: good });
      return result;
    } catch (error) {
      messages.inc({ message, outcome: asFogbowError(error).code });
      throw error;
    }
  };
  return {
    ...link,
    request: (to, message, payload, options) => counted(message.name, 'ok', link.request(to, message, payload, options)),
    post: (to, message, payload, options) => counted(message.name, 'sent', link.post(to, message, payload, options)),
  };
}
