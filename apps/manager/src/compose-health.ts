import express from 'express';
import type { Router } from 'express';
import type { Redis } from 'ioredis';
import { sql } from 'kysely';
import type { FederationLink } from '@fogbow/messaging';
import { closeServer, createHttpServer, healthRouter, listen } from '@fogbow/service-runtime';
import type { HealthChecks, ServiceContext } from '@fogbow/service-runtime';
import type { Ground } from './compose-parts.js';

/** Health and metrics of a process, whatever its roles. Without the database nothing can be done; what else is away is made up for later, and told. */
export function createHealth({ database, redis, tunnelWorkerConnection, metrics, room, values }: Ground, link: Pick<FederationLink, 'connected'>, more: HealthChecks = {}): Router {
  const needed: HealthChecks = {
    ...more,
    async database() {
      await sql`select 1`.execute(database);
      await room.check(database);
      return undefined;
    },
  };
  return healthRouter(needed, metrics, {
    redis: () => redisTrouble(redis.producer, 'jobs wait for their periods'),
    ...(tunnelWorkerConnection ? { tunnel: () => redisTrouble(tunnelWorkerConnection, 'new machines get no tunnel') } : {}),
    ...(values.xmpp && values.roles.includes('federation') ? { federation: () => (link.connected() ? undefined : 'not connected to the XMPP server: orders stay at home') } : {}),
    workers: async () => {
      const { rows: [row] } = await sql<{ alive: boolean }>`select exists (select 1 from workers where seen_at > now() - make_interval(secs => ${values.workerDeadAfterMs / 1000})) as alive`.execute(database);
      return row?.alive ? undefined : `no worker process has given a sign of life for ${values.workerDeadAfterMs / 1000} s: orders wait`;
    },
  });
}

const redisTrouble = ({ status }: Redis, means: string): string | undefined => (status === 'ready' ? undefined : `Redis does not answer (${status}): ${means}`);

/** A Redis that answers and takes nothing, because its disk or its memory is full: then no duty is done. */
async function refusal({ redis, values }: Ground): Promise<string | undefined> {
  if (redis.producer.status !== 'ready') return undefined;
  return await redis.producer.set(`${values.redisPrefix}:health`, '1', 'PX', 60_000).then(() => undefined, (error: Error) => (/^(?:MISCONF|OOM|READONLY)/.test(error.message) ? `redis takes nothing: ${error.message}` : undefined));
}

/** For a process without an API, so that it can be watched all the same. */
export async function startHealth(context: ServiceContext, ground: Ground, link: Pick<FederationLink, 'connected'>): Promise<void> {
  const { values, log } = ground;
  if (values.healthPort === undefined) return;
  const server = createHttpServer(express().use(createHealth(ground, link, { queues: () => refusal(ground) })));
  const port = await listen(server, values.httpHost, values.healthPort);
  context.add({ name: 'health', stop: () => closeServer(server) });
  log.info('health is told', { host: values.httpHost, port });
}
