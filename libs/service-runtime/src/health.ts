import { Router } from 'express';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { quietTimers } from './timers.js';

/** One thing that a process needs; resolves to undefined when well, else to the reason. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

export type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** A check that says nothing for so long has failed: who asks has a time limit too, and wants the reason. */
const LONGEST_CHECK_MS = 3000;

/**
 * `/health/live`, `/health/ready` (503 with reasons while a check fails) and `/metrics`. `troubles`: what is told beside, because somebody should look, though the
 * process does its work all the same.
 */
export function healthRouter(checks: HealthChecks, metrics: Registry, troubles: HealthChecks = {}): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/health/ready', async (_request, response) => {
    const [failing, beside] = await Promise.all([runChecks(checks), runChecks(troubles)]);
    const isFailing = Object.keys(failing).length > 0;
    response.status(isFailing ? 503 : 200).json({ status: isFailing ? 'failing' : 'ok', reasons: failing, ...(Object.keys(beside).length > 0 ? { troubles: beside } : {}) });
  });
  router.get('/metrics', async (_request, response) => void response.type(metrics.contentType).send(await metrics.metrics()));
  return router;
}

/** Those that found something, with what they found. */
async function runChecks(checks: HealthChecks): Promise<Record<string, string>> {
  const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const));
  return Object.fromEntries(results.flatMap(([name, reason]) => (reason === undefined ? [] : [[name, reason]])));
}

async function runCheck(check: HealthCheck): Promise<string | undefined> {
  let disarm = (): void => undefined;
  const late = new Promise<string>((resolve) => { disarm = quietTimers.after(LONGEST_CHECK_MS, () => resolve(`no answer in ${LONGEST_CHECK_MS / 1000} s`)); });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return (error as Error).message || 'it failed without a word';
  } finally {
    disarm();
  }
}

export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
