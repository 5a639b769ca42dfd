import { appendFileSync } from 'node:fs';
import { awaitEvent } from './await-event.js';
import { sendRaw } from './raw-request.js';
import type { TestFederation } from './start-federation.js';

/** Adds settings to a process's file and starts it anew; resolves when it is healthy again. */
export async function reconfigure(federation: TestFederation, processName: string, yaml: string): Promise<void> {
  const { configFile, pid, healthUrl } = federation.process(processName);
  if (!configFile || !healthUrl) throw new Error(`${processName} has no configuration or no health to ask for.`);
  appendFileSync(configFile, `\n${yaml}\n`);
  // The launcher brings back what dies.
  process.kill(pid, 'SIGKILL');
  const { origin, pathname } = new URL(healthUrl);
  await awaitEvent(`${processName} is back`, async () => federation.process(processName).pid !== pid && (await sendRaw(origin, { method: 'GET', path: pathname })).status === 200);
}
