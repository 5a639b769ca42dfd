import express from 'express';
import type { Router } from 'express';
import { sql } from 'kysely';
import { closeServer, createHttpServer, healthRouter, listen } from '@fogbow/service-runtime';
import type { HealthCheck, ServiceContext } from '@fogbow/service-runtime';
import type { Ground } from './compose-parts.js';

/** Health and metrics of a process, whatever its roles. */
export function createHealth({ database, redis, metrics, room }: Ground, more: Readonly<Record<string, HealthCheck>> = {}): Router {
  return healthRouter({
    ...more,
    async database() {
      await sql`select 1`.execute(database);
      await room.check(database);
      return undefined;
    },
    // Orders are accepted without Redis: only a connection that does not even try any more makes the process unready.
    redis: () => (redis.producer.status === 'end' ? 'redis is not connected, and will not be' : undefined),
  }, metrics);
}

/** A Redis that answers and takes nothing, because its disk or its memory is full: then no duty is done. */
async function refusal({ redis, values }: Ground): Promise<string | undefined> {
  if (redis.producer.status !== 'ready') return undefined;
  return await redis.producer.set(`${values.redisPrefix}:health`, '1', 'PX', 60_000).then(() => undefined, (error: Error) => (/^(?:MISCONF|OOM|READONLY)/.test(error.message) ? `redis takes nothing: ${error.message}` : undefined));
}

/** For a process without an API, so that it can be watched all the same. */
export async function startHealth(context: ServiceContext, ground: Ground): Promise<void> {
  const { values, log } = ground;
  if (values.healthPort === undefined) return;
  const server = createHttpServer(express().use(createHealth(ground, { queues: () => refusal(ground) })));
  const port = await listen(server, values.httpHost, values.healthPort);
  context.add({ name: 'health', stop: () => closeServer(server) });
  log.info('health is told', { host: values.httpHost, port });
}
