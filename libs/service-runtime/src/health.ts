import { Router } from 'express';
import { Registry, collectDefaultMetrics } from 'prom-client';

/** One thing that a process needs; resolves to undefined when well, else to the reason. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

/** `/health/live`, `/health/ready` (503 with reasons while a check fails) and `/metrics`. */
export function healthRouter(checks: Readonly<Record<string, HealthCheck>>, metrics: Registry): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/health/ready', async (_request, response) => {
    const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const));
    const failing = results.filter(([, reason]) => reason !== undefined);
    response.status(failing.length > 0 ? 503 : 200).json({ status: failing.length > 0 ? 'failing' : 'ok', reasons: Object.fromEntries(failing) });
  });
  router.get('/metrics', async (_request, response) => void response.type(metrics.contentType).send(await metrics.metrics()));
  return router;
}

async function runCheck(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return (error as Error).message;
  }
}

export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
