import express from 'express';
import type { Router } from 'express';
import { sql } from 'kysely';
import { closeServer, createHttpServer, healthRouter, listen } from '@fogbow/service-runtime';
import type { HealthCheck, ServiceContext } from '@fogbow/service-runtime';
import type { Ground } from './compose-parts.js';

/** Health and metrics of a process, whatever its roles. */
export function createHealth({ database, redis, metrics }: Ground, more: Readonly<Record<string, HealthCheck>> = {}): Router {
  return healthRouter({
    ...more,
    database: async () => void await sql`select 1`.execute(database),
    // Orders are accepted without Redis, so it is told but does not make the process unready.
    redis: () => (redis.producer.status === 'ready' || redis.producer.status === 'reconnecting' ? undefined : `redis is ${redis.producer.status}`),
  }, metrics);
}

/** For a process without an API, so that it can be watched all the same. */
export async function startHealth(context: ServiceContext, ground: Ground): Promise<void> {
  const { values, log } = ground;
  if (values.healthPort === undefined) return;
  const server = createHttpServer(express().use(createHealth(ground)));
  const port = await listen(server, values.httpHost, values.healthPort);
  context.add({ name: 'health', stop: () => closeServer(server) });
  log.info('health is told', { host: values.httpHost, port });
}
